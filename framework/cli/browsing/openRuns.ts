import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { ValueAtStep } from "../../store/columnValue.ts";
import type { IndexedRun } from "../../store/indexedRun.ts";
import { RunIndex } from "../../store/runIndex.ts";
import { Series } from "../../store/series.ts";
import { valueAtStep } from "../../store/valueAtStep.ts";

/** What commands about runs look into. */
export interface OpenedRuns {
  readonly index: RunIndex;
  readonly series: Series;
  readonly at: ValueAtStep;
}

/** @param folder of all runs, where also what was found out is kept */
export async function openRuns(folder: string): Promise<OpenedRuns> {
  const cacheFolder = path.join(folder, ".cache");
  const index = await RunIndex.open({ folders: [folder], cacheFolder });
  const series = new Series({ cacheFolder });
  return { index, series, at: valueAtStep(series) };
}

/**
 * The run that someone names by its folder, its key, or the beginning of its id.
 *
 * @throws {InputError} when no run, or more than one, is meant
 */
export function findIndexed(index: RunIndex, reference: string): IndexedRun {
  const folder = path.resolve(reference);
  const runs = index.runs();
  const exact = index.run(reference) ?? runs.find((run) => run.folder === folder);
  if (exact) return exact;
  const meant = reference === "" ? [] : runs.filter(({ id }) => id.startsWith(reference));
  if (meant.length === 1) return meant[0]!;
  const found = meant.length === 0 ? "no such run" : meant.map(({ key }) => key).join(", ");
  throw new InputError(
    `Cannot find run ${JSON.stringify(reference)}: expected a run's folder, or an id of one run below ${index.folders.join(", ")}, got ${found}`,
  );
}
