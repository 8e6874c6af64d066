import { ownerOf } from "../requestAsker.ts";
import { inputItemsPage, type PageQuery } from "../responses/inputItemsPage.ts";
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
export const responseInputItems: Route = (app, { responses }) => {
  app.get<InputItemsRoute>(
    "/v1/responses/:id/input_items",
    { schema: { querystring: query } },
    async (request) => {
      const stored = responses.find(request.params.id, ownerOf(request));
      const { limit, ...rest } = request.query;
      const page = { ...rest, ...(limit !== undefined && { limit: Number(limit) }) };
      return inputItemsPage(responses.inputOf(stored), page);
    },
  );
};
