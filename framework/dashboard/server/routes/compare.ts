import type { FastifyInstance } from "fastify";

import { compareRuns } from "../../../store/compareRuns.ts";
import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { CompareAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { RequestError } from "../requestError.ts";
import { objectSchema, runListSchema } from "../schemas.ts";

const mostRuns = 50;

/** `GET /api/compare` */
export function compareRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<{ Querystring: { runs: string } }>(
    "/api/compare",
    { schema: { querystring: objectSchema({ runs: runListSchema }) } },
    ({ query }): CompareAnswer => {
      const runs = state.runs(query.runs);
      checkComparable(runs);
      return compareRuns(runs);
    },
  );
}

/** @throws {RequestError} when there are more runs than can stand side by side */
export function checkComparable({ length }: readonly IndexedRun[]): void {
  if (length <= mostRuns) return;
  throw new RequestError(400, `Cannot compare ${length} runs: expected at most ${mostRuns}`);
}
