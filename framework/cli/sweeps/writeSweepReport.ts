import { statSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { htmlReport } from "../../report/htmlReport.ts";
import { writeReportFolder } from "../../report/writeReportFolder.ts";
import { summariseSweep } from "../../sweep/analysis/sweepSummary.ts";
import { restorePoints } from "../../sweep/restorePoints.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";
import { checkReportPlace } from "../reporting/checkReportPlace.ts";
import { checkMetrics } from "./checkMetrics.ts";
import { sweepReport } from "./report/sweepReport.ts";

export interface SweepReportFile {
  /** The sweep's, as it was typed. */
  readonly file: string;
  readonly folder: SweepFolder;
  /** To show beside the sweep's own. */
  readonly metrics: readonly string[];
  /** One file of HTML, or a folder with Markdown and its pictures. */
  readonly format: "html" | "markdown";
  readonly out: string;
  readonly count?: number;
}

/**
 * Writes all that a sweep has found, whole or not at all.
 *
 * @returns where it is
 * @throws {InputError} for a sweep without a metric, a metric that no finished trial has, or a place
 *   that is taken by something else
 */
export async function writeSweepReport(
  plan: TrialPlan,
  { file, folder, metrics, format, out, count }: SweepReportFile,
): Promise<string> {
  const { name, objectives } = plan.spec;
  const [metric] = objectives;
  if (!metric) {
    throw new InputError(
      `Cannot write a report on ${name}: expected a metric in ${file}, got none; a table needs no metric: leave --out away`,
    );
  }
  checkPlace(format, out);
  restorePoints(plan, folder);
  const names = [...new Set([...objectives.map((each) => each.name), ...metrics])];
  const summary = summariseSweep(plan, folder, { names, ...(count !== undefined && { count }) });
  checkMetrics(plan, summary);
  const wanted = metrics.length > 0 ? ` --metrics ${metrics.join(",")}` : "";
  const command = `seedbed sweep report ${file}${wanted} --format ${format} --out ${out}`;
  const report = sweepReport(plan, folder, summary, { file, metric, names, command });
  if (format === "html") {
    writeFileAtomic(out, await htmlReport(report));
    return out;
  }
  await writeReportFolder(out, report, [format]);
  return path.join(out, "report.md");
}

function checkPlace(format: SweepReportFile["format"], out: string): void {
  if (format === "markdown") return checkReportPlace(out);
  if (!statSync(out, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new InputError(
    `Cannot write a report to ${out}: expected a file such as report.html, got a folder`,
  );
}
