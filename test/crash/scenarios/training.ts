import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { findLastCheckpoint } from "../../../framework/training/checkpointFolder.ts";
import { resultsOf } from "../checks/results.ts";
import type { Place, Scenario } from "../scenario.ts";

export const fixtures: string = path.resolve(import.meta.dirname, "../../fixtures/crash");
export const program: string = path.resolve(
  import.meta.dirname,
  "../../../framework/cli/seedbed.js",
);

/** The folder of the only run of a round; undefined while there is none that can be resumed. */
function onlyRun({ runs, name }: Place): string | undefined {
  const parent = path.join(runs, name);
  const folders = existsSync(parent) ? readdirSync(parent).map((id) => path.join(parent, id)) : [];
  const begun = folders.filter((folder) => existsSync(path.join(folder, "manifest.json")));
  if (begun.length > 1) throw new Error(`Cannot accept ${parent}: expected one run`);
  return begun[0];
}

/** A run with every logger, pictures and two best checkpoints, that is resumed until it is finished. */
export function training(backend: "cpu" | "ort"): Scenario {
  return {
    name: `training-${backend}`,
    cwd: fixtures,
    isQuick: backend === "cpu",
    kinds: {
      ...{ checkpoint: 10, pointer: 4, metrics: 4, tensorBoard: 3, wandb: 3, csv: 2 },
      ...{ picture: 3, manifest: 2, record: 1, other: 1 },
    },
    timers: 0.15,
    nextArgs(place) {
      const run = onlyRun(place);
      const runs = ["--runs", place.runs];
      if (run === undefined)
        return [program, "run", specOf(backend), `name=${place.name}`, ...runs];
      return isFinished(run) ? undefined : [program, "resume", run, ...runs];
    },
    checkLeft(place) {
      const run = onlyRun(place);
      if (run !== undefined) findLastCheckpoint(path.join(run, "checkpoints"), refuse);
    },
    results: (place) => resultsOf(onlyRun(place)!),
    folder: ({ runs, name }) => path.join(runs, name),
  };
}

const specOf = (backend: string): string => path.join(fixtures, `${backend}.yaml`);

const isFinished = (run: string): boolean => readManifest(run).status === "finished";

/** Nothing that a killed process leaves is a damaged checkpoint. */
function refuse(line: string): never {
  throw new Error(`Cannot accept a damaged checkpoint: ${line}`);
}
