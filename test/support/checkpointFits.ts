import { listCheckpoints, readPointer, Trainer, type Callback } from "seedbed";

import { modelCheckpoint, type ModelCheckpointOptions } from "../../callbacks/modelCheckpoint.ts";
import { temporaryFolder } from "./temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "./toyTraining.ts";

export interface CheckpointFit {
  maxSteps?: number;
  /** Steps per epoch; `score` is logged at the end of each epoch. */
  batches?: number;
  /** Of the checkpoints, below the temporary folder. */
  into?: string;
  resumeFrom?: string | undefined;
  callbacks?: Callback[];
  print?: (line: string) => void;
}

/** What tests of `modelCheckpoint` do and look at; folders are below a temporary one. */
export interface CheckpointFits {
  readonly folder: ReturnType<typeof temporaryFolder>;
  /** The checkpoints' folder. */
  readonly root: (name?: string) => string;
  /**
   * Fits with one step per epoch; the metric `score` of step n is `scores[n - 1]`.
   *
   * @returns the parameters' bytes
   */
  readonly fit: (
    scores: readonly number[],
    options: Partial<ModelCheckpointOptions> | Callback,
    extra?: CheckpointFit,
  ) => Promise<string>;
  /** Steps of the checkpoints on disk, in order. */
  readonly steps: (name?: string) => number[];
  readonly names: () => string[];
  /** Steps that the pointers name. */
  readonly best: () => number | undefined;
  readonly last: () => number | undefined;
}

/** Scores whose best are those of steps 5, 3 and 4. */
export const scores: readonly number[] = [10, 9, 2.8, 5, 2.5];

/** For the enclosing `describe`. */
export function checkpointFits(): CheckpointFits {
  const folder = temporaryFolder();
  const root = (name = "checkpoints"): string => folder.path(name);
  return {
    folder,
    root,
    async fit(given, options, extra = {}) {
      const { maxSteps = given.length, batches = 1, into, resumeFrom, callbacks = [] } = extra;
      const module = toyModule();
      const scripted: Callback = {
        name: "scripted",
        onTrainEpochEnd: (state) => state.log("score", given[state.step - 1]!),
      };
      const tested = "name" in options ? options : modelCheckpoint(options);
      const trainer = new Trainer({
        maxSteps,
        checkpointsFolder: root(into),
        callbacks: [tested, scripted, ...callbacks],
        print: extra.print ?? (() => {}),
      });
      try {
        await trainer.fit(module, { trainLoader: toyLoader(batches), resumeFrom });
        return await parameterBytes(module);
      } finally {
        module.dispose();
      }
    },
    steps: (name) =>
      listCheckpoints(root(name))
        .map((checkpoint) => Number(checkpoint.slice("step-".length)))
        .toSorted((a, b) => a - b),
    names: () => listCheckpoints(root()).toSorted(),
    best: () => readPointer(root(), "best")?.step,
    last: () => readPointer(root(), "last")?.step,
  };
}
