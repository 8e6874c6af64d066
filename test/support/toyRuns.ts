import { createRun, type CreateRunOptions } from "../../framework/tracking/createRun.ts";
import type { Run } from "../../framework/tracking/run.ts";
import type { temporaryFolder } from "./temporaryFolder.ts";

/** Of the runs of `toy`. */
export const toySpec = { name: "toy", seed: 7, trainer: { maxSteps: 6 } };

/** Makes runs of one experiment, in `runs/` of a folder. */
export function toyRuns(
  folder: ReturnType<typeof temporaryFolder>,
): (own?: Partial<CreateRunOptions>) => Run {
  return (own = {}) =>
    createRun({
      root: folder.path("runs"),
      name: "toy",
      seed: 7,
      spec: toySpec,
      specYaml: "name: toy\n",
      command: ["seedbed", "run", "toy.yaml"],
      ...own,
    });
}
