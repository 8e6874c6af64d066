import type { FastifyInstance } from "fastify";

import { htmlReport } from "../../../report/htmlReport.ts";
import { reportFormats, type ReportFormat } from "../../../report/reportFormats.ts";
import { comparisonReport } from "../../report/comparisonReport.ts";
import { embeddedMarkdown } from "../../report/embeddedMarkdown.ts";
import { runPictures } from "../../report/runPictures.ts";
import type { DashboardState } from "../dashboardState.ts";
import { objectSchema, runListSchema } from "../schemas.ts";
import { checkComparable } from "./compare.ts";

interface ReportRequest {
  Querystring: { runs: string; format: ReportFormat; metrics?: string; title?: string };
}

const querystring = objectSchema(
  {
    runs: runListSchema,
    format: { type: "string", enum: reportFormats, default: "html" },
    metrics: { type: "string", maxLength: 10_000 },
    title: { type: "string", minLength: 1, maxLength: 200 },
  },
  ["runs"],
);

/**
 * `GET /api/report`: a comparison as one file to save. It is never shown under this server's name,
 * whose pages a file must not act for.
 */
export function reportRoutes(app: FastifyInstance, state: DashboardState): void {
  app.get<ReportRequest>("/api/report", { schema: { querystring } }, async ({ query }, reply) => {
    const runs = state.runs(query.runs);
    checkComparable(runs);
    const report = comparisonReport(runs, {
      title: query.title,
      metrics: query.metrics?.split(",").filter((name) => name !== ""),
      series: state.series,
      pictures: await runPictures(runs),
    });
    const isHtml = query.format === "html";
    const text = isHtml ? await htmlReport(report) : await embeddedMarkdown(report);
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="report.${isHtml ? "html" : "md"}"`)
      .send(Buffer.from(text));
  });
}
