import type { FastifyInstance } from "fastify";

import type { RunAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { lineageOf } from "../lineage.ts";
import { runDocuments } from "../runDocuments.ts";
import { runParams } from "../schemas.ts";

/** `GET /api/runs/:run` */
export function runRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<{ Params: { run: string } }>(
    "/api/runs/:run",
    { schema: { params: runParams } },
    async ({ params }): Promise<RunAnswer> => {
      const run = state.run(params.run);
      const place = state.place(params.run);
      const media = state.media.get(place).look().list();
      const facts = await state.facts.readAll();
      return {
        run,
        ...runDocuments(place),
        media,
        lineage: lineageOf(run.key, { runs: state.index.runs(), facts }),
      };
    },
  );
}
