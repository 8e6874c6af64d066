import { existsSync } from "node:fs";
import path from "node:path";

import { loadSweepSpec } from "../../spec/loadSweepSpec.ts";
import { failAt } from "../../spec/specPlace.ts";
import type { WarmSource } from "../../spec/sweepSpec.ts";
import { listRuns, type ListedRun } from "../../tracking/runStore.ts";

/**
 * The finished runs of a sweep's file or of a folder, the oldest first.
 *
 * @param runsFolder where sweeps have their runs
 * @throws {SpecError} when there are none
 */
export function earlierRuns(source: WarmSource, runsFolder: string): ListedRun[] {
  const { path: named } = source;
  if (!existsSync(named)) {
    failAt(source, `expected a sweep's file or a folder of runs, found nothing at ${named}`);
  }
  const isFile = /\.ya?ml$/.test(named);
  const folder = isFile ? path.join(runsFolder, loadSweepSpec(named).name) : named;
  const runs = listRuns(folder).filter(({ manifest }) => manifest.status === "finished");
  if (runs.length > 0) return runs;
  const cure = isFile ? "; run that sweep first, or name the folder of its runs" : "";
  return failAt(source, `expected finished runs in ${folder}, found none${cure}`);
}
