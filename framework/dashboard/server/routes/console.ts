import type { FastifyInstance } from "fastify";

import type { ConsoleAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { objectSchema, runParams } from "../schemas.ts";

interface ConsoleRequest {
  Params: { run: string };
  Querystring: { after: number; limit: number; search: string };
}

const querystring = objectSchema(
  {
    after: { type: "integer", minimum: 0, default: 0 },
    limit: { type: "integer", minimum: 1, maximum: 5000, default: 1000 },
    search: { type: "string", maxLength: 200, default: "" },
  },
  [],
);

/** `GET /api/runs/:run/console` */
export function consoleRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<ConsoleRequest>(
    "/api/runs/:run/console",
    { schema: { params: runParams, querystring } },
    ({ params, query }): ConsoleAnswer =>
      state.console.get(state.place(params.run)).look().answer(query),
  );
}
