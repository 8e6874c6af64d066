import type { FastifyInstance } from "fastify";

import type { SweepAnalysisAnswer, SweepAnswer, SweepInfo, SweepMetricName } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { nameSchema, objectSchema, runKeySchema } from "../schemas.ts";
import { SweepAnalyses } from "../sweepAnalysis.ts";
import { describeSweep, listSweeps } from "../sweepAnswers.ts";

interface SweepRequest {
  Params: { sweep: string };
  Querystring: { metric?: string; goal: "minimize" | "maximize" };
}

const querystring = objectSchema(
  { metric: nameSchema, goal: { enum: ["minimize", "maximize"], default: "minimize" } },
  [],
);

/** `GET /api/sweeps`, `GET /api/sweeps/:sweep`, `GET /api/sweeps/:sweep/analysis` */
export function sweepRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get("/api/sweeps", async (): Promise<SweepInfo[]> => {
    await state.live.fresh();
    return listSweeps(state);
  });
  const schema = { params: objectSchema({ sweep: runKeySchema }), querystring };
  const analyses = new SweepAnalyses();
  app.get<SweepRequest>(
    "/api/sweeps/:sweep",
    { schema },
    async ({ params, query }): Promise<SweepAnswer> => {
      await state.live.fresh();
      return describeSweep(params.sweep, state, metricOf(query));
    },
  );
  app.get<SweepRequest>(
    "/api/sweeps/:sweep/analysis",
    { schema },
    async ({ params, query }): Promise<SweepAnalysisAnswer> => {
      await state.live.fresh();
      return analyses.answer(params.sweep, state, metricOf(query));
    },
  );
}

function metricOf({ metric, goal }: SweepRequest["Querystring"]): SweepMetricName | undefined {
  return metric === undefined ? undefined : { name: metric, goal };
}
