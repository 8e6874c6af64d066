import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { EvaluatedRun } from "../../experiment/evaluation.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { findRun, readRun, type StoredRun } from "../../tracking/runStore.ts";
import { nameByDifferences } from "../../tracking/specDifferences.ts";
import { loadExperimentSpec, type LoadedSpec } from "../loadExperimentSpec.ts";

/**
 * Runs that someone wants to compare, each once, and their experiment.
 *
 * @throws {InputError} when one cannot be found, is in use, or is of another experiment
 */
export async function findRuns(
  references: readonly string[],
  runsFolder: string,
): Promise<{ experiment: Experiment; runs: EvaluatedRun[] }> {
  const folders = references.map((reference) => findRun(runsFolder, reference));
  const stored = new Map(folders.map((folder) => [path.resolve(folder), readRun(folder)]));
  const loaded: { stored: StoredRun; loaded: LoadedSpec }[] = [];
  for (const run of stored.values()) {
    checkIdle(run);
    loaded.push({
      stored: run,
      loaded: await loadExperimentSpec(path.join(run.folder, "spec.yaml")),
    });
  }
  const [first] = loaded;
  for (const run of loaded) checkSame(first!, run);
  const specs = loaded.map(({ loaded: { spec } }) => spec);
  const names = nameByDifferences(specs, specs[0]!.name);
  return {
    experiment: first!.loaded.experiment,
    runs: loaded.map((run, i) => ({
      stored: run.stored,
      spec: specs[i]!,
      name: names[i]!,
    })),
  };
}

function checkIdle({ folder, status }: StoredRun): void {
  if (status !== "running") return;
  throw new InputError(`Cannot evaluate ${folder}: it is still running; wait for it, or stop it`);
}

type Loaded = Readonly<{ stored: StoredRun; loaded: LoadedSpec }>;

function checkSame(first: Loaded, run: Loaded): void {
  const [one, other] = [first.loaded.spec.experiment, run.loaded.spec.experiment];
  if (one === other) return;
  throw new InputError(
    `Cannot evaluate ${run.stored.folder} with ${first.stored.folder}: expected runs of one experiment, got "${other}" and "${one}"`,
  );
}
