import type { FastifyInstance } from "fastify";

import { mediaKinds, type MediaKind } from "../../../store/media/runMedia.ts";
import type { HistogramsAnswer, MediaAnswer } from "../../api.ts";
import type { DashboardState } from "../dashboardState.ts";
import { mediaAnswer, toHistogram } from "../mediaAnswer.ts";
import { nameSchema, objectSchema, runParams } from "../schemas.ts";

interface MediaRequest {
  Params: { run: string };
  Querystring: { kind: MediaKind; key: string; step?: number };
}

interface HistogramsRequest {
  Params: { run: string };
  Querystring: { key: string };
}

const mediaQuery = objectSchema(
  { kind: { enum: mediaKinds }, key: nameSchema, step: { type: "number" } },
  ["kind", "key"],
);
/** Histograms over time are drawn as so many lines at most. */
const mostHistograms = 200;

/** `GET /api/runs/:run/media`, `GET /api/runs/:run/histograms` */
export function mediaRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<MediaRequest>(
    "/api/runs/:run/media",
    { schema: { params: runParams, querystring: mediaQuery } },
    ({ params, query: { kind, key, step = Infinity } }): MediaAnswer => {
      const media = state.media.get(state.place(params.run)).look();
      const record = media.recordAt(kind, key, step);
      return record ? mediaAnswer(kind, record, params.run) : { kind: "none" };
    },
  );
  app.get<HistogramsRequest>(
    "/api/runs/:run/histograms",
    { schema: { params: runParams, querystring: objectSchema({ key: nameSchema }) } },
    ({ params, query: { key } }): HistogramsAnswer => {
      const media = state.media.get(state.place(params.run)).look();
      const records = media.records("histogram", key, mostHistograms);
      return { histograms: records.flatMap((record) => toHistogram(record) ?? []) };
    },
  );
}
