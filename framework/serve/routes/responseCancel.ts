import { ownerOf } from "../requestAsker.ts";
import type { Route } from "../route.ts";

/** `POST /v1/responses/{id}/cancel` */
export const responseCancel: Route = (app, { responses }) => {
  app.post<{ Params: { id: string } }>("/v1/responses/:id/cancel", async (request) =>
    responses.cancel(request.params.id, ownerOf(request)),
  );
};
