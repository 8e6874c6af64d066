import { inputItemsPage, type PageQuery } from "../responses/inputItemsPage.ts";
import { ownerKey } from "../responses/responses.ts";
import type { Route } from "../route.ts";

interface InputItemsRoute {
  Params: { id: string };
  Querystring: Omit<PageQuery, "limit"> & { limit?: string };
}

const query = {
  type: "object",
  properties: {
    limit: { type: "string", pattern: "^([1-9][0-9]?|100)$" },
    order: { enum: ["asc", "desc"] },
    after: { type: "string" },
  },
};

/** `GET /v1/responses/{id}/input_items` */
export const responseInputItems: Route = (app, { askerOf, responses }) => {
  app.get<InputItemsRoute>(
    "/v1/responses/:id/input_items",
    { schema: { querystring: query } },
    async (request, reply) => {
      const stored = responses.find(request.params.id, ownerKey(askerOf(request, reply).owner));
      const { limit, ...rest } = request.query;
      const page = { ...rest, ...(limit !== undefined && { limit: Number(limit) }) };
      return inputItemsPage(responses.inputOf(stored), page);
    },
  );
};
