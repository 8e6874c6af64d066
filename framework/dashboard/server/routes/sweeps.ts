import type { FastifyInstance } from "fastify";

import type { SweepAnswer, SweepInfo } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { nameSchema, objectSchema, runKeySchema } from "../schemas.ts";
import { describeSweep, listSweeps } from "../sweepAnswers.ts";

interface SweepRequest {
  Params: { sweep: string };
  Querystring: { metric?: string; goal: "minimize" | "maximize" };
}

const querystring = objectSchema(
  { metric: nameSchema, goal: { enum: ["minimize", "maximize"], default: "minimize" } },
  [],
);

/** `GET /api/sweeps`, `GET /api/sweeps/:sweep` */
export function sweepRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get("/api/sweeps", async (): Promise<SweepInfo[]> => {
    await state.live.fresh();
    return listSweeps(state);
  });
  app.get<SweepRequest>(
    "/api/sweeps/:sweep",
    { schema: { params: objectSchema({ sweep: runKeySchema }), querystring } },
    async ({ params, query: { metric, goal } }): Promise<SweepAnswer> => {
      await state.live.fresh();
      return describeSweep(
        params.sweep,
        state,
        metric === undefined ? undefined : { name: metric, goal },
      );
    },
  );
}
