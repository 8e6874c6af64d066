import { ownerKey } from "../responses/responses.ts";
import type { Route } from "../route.ts";

/** `POST /v1/responses/{id}/cancel` */
export const responseCancel: Route = (app, { askerOf, responses }) => {
  app.post<{ Params: { id: string } }>("/v1/responses/:id/cancel", async (request, reply) =>
    responses.cancel(request.params.id, ownerKey(askerOf(request, reply).owner)),
  );
};
