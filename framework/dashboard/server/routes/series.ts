import { setImmediate as nextTurn } from "node:timers/promises";

import type { FastifyInstance, FastifyRequest } from "fastify";

import { querySeries, type DrawnCurve } from "../../../store/seriesQuery.ts";
import { isLoopback } from "../../../web/server/foreignRequest.ts";
import type { SeriesQuery } from "../../api.ts";
import { curvesJson } from "../curvesJson.ts";
import type { DashboardState } from "../dashboardState.ts";
import { drawProperties, metricsSchema } from "../drawSchema.ts";
import { RequestError } from "../requestError.ts";
import { nameSchema, objectSchema, runKeySchema } from "../schemas.ts";

/** Curves of one answer: runs times metrics. */
const mostCurves = 2000;
/** Runs that are read for one answer. */
const mostRuns = 2000;

const body = objectSchema({
  runs: {
    type: "array",
    maxItems: mostRuns,
    items: objectSchema({
      label: { type: "string", maxLength: 1000 },
      keys: { type: "array", minItems: 1, maxItems: mostRuns, items: runKeySchema },
    }),
  },
  metrics: metricsSchema,
  x: {
    anyOf: [
      { type: "string", enum: ["step", "epoch", "time", "relativeTime"] },
      objectSchema({ metric: nameSchema }),
    ],
  },
  ...drawProperties,
  band: { type: "string", enum: ["deviation", "standardError", "minMax", "none"] },
  smoothing: objectSchema({
    kind: { type: "string", enum: ["none", "exponential", "timeWeighted"] },
    weight: { type: "number", minimum: 0, maximum: 1 },
  }),
});

/** Curves are sent to this machine as they are: compressing them takes longer than sending. */
function sendPlainHere({ headers, ip }: FastifyRequest): void {
  if (isLoopback(ip.replace(/^::ffff:/, ""))) headers["x-no-compression"] = "1";
}

/** `POST /api/series`. The answer is written a run at a time, so that others are served meanwhile. */
export function seriesRoutes(app: FastifyInstance, state: DashboardState): void {
  app.post<{ Body: SeriesQuery }>("/api/series", { schema: { body } }, async (request, reply) => {
    sendPlainHere(request);
    const { runs, metrics } = request.body;
    if (runs.length * metrics.length > mostCurves) {
      throw new RequestError(
        400,
        `Cannot answer with ${runs.length * metrics.length} curves: expected at most ${mostCurves}`,
      );
    }
    const { revision } = state.index;
    const curves: DrawnCurve[] = [];
    for (const run of runs) {
      const query = { ...request.body, runs: [run] };
      curves.push(...querySeries(query, state.series, (key) => state.index.run(key)));
      await nextTurn();
    }
    return reply
      .type("application/json; charset=utf-8")
      .send(`{"revision":${revision},"series":${curvesJson(curves)}}`);
  });
}
