import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { comparisonReport } from "../../dashboard/report/comparisonReport.ts";
import { runPictures } from "../../dashboard/report/runPictures.ts";
import type { ReportFormat } from "../../report/reportFormats.ts";
import { writeReportFolder } from "../../report/writeReportFolder.ts";
import type { IndexedRun } from "../../store/indexedRun.ts";
import { RunIndex } from "../../store/runIndex.ts";
import { Series } from "../../store/series.ts";
import { findRun } from "../../tracking/runStore.ts";
import { splitList } from "../browsing/tableOptions.ts";
import type { Terminal } from "../terminal.ts";
import { checkReportPlace } from "./checkReportPlace.ts";
import { reportLines } from "./reportLines.ts";

export interface ReportRunsOptions {
  readonly runsFolder: string;
  readonly out: string;
  /** Separated by commas; "": those that most runs have. */
  readonly metrics: string;
  readonly title: string | undefined;
  readonly format: readonly ReportFormat[];
}

/**
 * Writes a comparison of runs.
 *
 * @param references folders, ids, or beginnings of ids
 * @throws {InputError} when one names no run, or the place is taken by something else
 */
export async function reportRuns(
  references: readonly string[],
  { runsFolder, out, metrics, title, format }: ReportRunsOptions,
  { print }: Terminal,
): Promise<void> {
  checkReportPlace(out);
  const folders = [...new Set(references.map((each) => path.resolve(findRun(runsFolder, each))))];
  const index = await RunIndex.open({ folders, cacheFolder: null });
  const runs = folders.map((folder) => runIn(folder, index));
  const names = splitList([metrics]);
  const report = comparisonReport(runs, {
    title,
    metrics: names.length === 0 ? undefined : names,
    series: new Series({ cacheFolder: null }),
    pictures: await runPictures(runs),
  });
  await writeReportFolder(out, report, format);
  for (const line of reportLines(report, out, format)) print(line);
}

function runIn(folder: string, index: RunIndex): IndexedRun {
  const run = index.runs().find((each) => each.folder === folder);
  if (!run)
    throw new InputError(
      `Cannot report on ${folder}: expected a run, got a folder that cannot be read as one`,
    );
  return run;
}
