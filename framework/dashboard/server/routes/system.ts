import type { FastifyInstance } from "fastify";

import { Line } from "../../../store/line.ts";
import type { RunSystem } from "../../../store/media/runMedia.ts";
import { drawLine } from "../../../store/seriesQuery.ts";
import type { Curve, SystemAnswer, SystemQuery } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { drawProperties, metricsSchema } from "../drawSchema.ts";
import { jsonNumber, jsonNumbers } from "../jsonNumbers.ts";
import { objectSchema, runParams } from "../schemas.ts";

interface SystemRequest {
  Params: { run: string };
  Body: SystemQuery;
}

/** `GET` and `POST /api/runs/:run/system` */
export function systemRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<{ Params: { run: string } }>(
    "/api/runs/:run/system",
    { schema: { params: runParams } },
    ({ params }): SystemAnswer => {
      const system = state.system.get(state.place(params.run)).look();
      return { metrics: system.names(), series: [] };
    },
  );
  app.post<SystemRequest>(
    "/api/runs/:run/system",
    {
      schema: {
        params: runParams,
        body: objectSchema({ metrics: metricsSchema, ...drawProperties }),
      },
    },
    ({ params, body }): SystemAnswer => {
      const run = state.run(params.run);
      const system = state.system.get(state.place(params.run)).look();
      const start = Date.parse(run.startedAt) / 1000;
      const known = system.names().filter((name) => body.metrics.includes(name));
      return {
        metrics: system.names(),
        series: known.map((metric) => curve(system, { label: run.key, metric, start, ...body })),
      };
    },
  );
}

interface CurveOptions extends Omit<SystemQuery, "metrics"> {
  readonly label: string;
  readonly metric: string;
  /** Seconds since 1970, from which x counts. */
  readonly start: number;
}

function curve(system: RunSystem, options: CurveOptions): Curve {
  const { label, metric, start, from, to, points } = options;
  const { times, values } = system.values(metric);
  const line = Line.over(
    Float64Array.from(times, (time) => time - start),
    Float64Array.from(values),
  );
  const drawn = drawLine(line, {
    from,
    to,
    points,
    band: "none",
    smoothing: { kind: "none", weight: 0 },
  });
  return {
    label,
    metric,
    count: drawn.count,
    x: jsonNumbers(drawn.x),
    y: jsonNumbers(drawn.y),
    nonFinite: drawn.nonFinite.map(({ x, value }) => ({
      x: jsonNumber(x),
      value: jsonNumber(value),
    })),
  };
}
