import type { FastifyInstance } from "fastify";

import type { SavedView } from "../../api.ts";
import { RequestError } from "../requestError.ts";
import type { SavedViews } from "../savedViews.ts";
import { objectSchema } from "../schemas.ts";

const params = objectSchema({ name: { type: "string", minLength: 1, maxLength: 200 } });
const body = objectSchema({ address: { type: "string", maxLength: 100_000 } });

/** `GET /api/views`, `PUT /api/views/:name`, `DELETE /api/views/:name`; each answers with all views. */
export function viewRoutes(app: FastifyInstance, views: SavedViews): void {
  app.get("/api/views", (): SavedView[] => views.list());
  app.put<{ Params: { name: string }; Body: { address: string } }>(
    "/api/views/:name",
    { schema: { params, body } },
    (request): SavedView[] => {
      views.put({ name: request.params.name, address: request.body.address });
      return views.list();
    },
  );
  app.delete<{ Params: { name: string } }>(
    "/api/views/:name",
    { schema: { params } },
    (request): SavedView[] => {
      const { name } = request.params;
      if (views.remove(name)) return views.list();
      throw new RequestError(404, `Cannot remove view ${JSON.stringify(name)}: there is none`);
    },
  );
}
