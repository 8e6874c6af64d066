import type { DataLoader } from "../data/dataLoader.ts";
import type { Callback } from "./callback.ts";
import {
  searchBatchSize,
  type BatchSizeSearch,
  type BatchSizeSteps,
  type FoundBatchSize,
} from "./searchBatchSize.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";
import type { ManualTrainingModule, TrainingModule } from "./trainingModule.ts";

export interface FindBatchSizeOptions extends BatchSizeSearch {
  module: TrainingModule | ManualTrainingModule;
  /** Training data in batches of this size; all must have it. */
  loaderFor(batchSize: number): DataLoader | Promise<DataLoader>;
  /** What the fit will have, as far as it matters: `compile`, `accumulateGradBatches`, `seed`. */
  trainer?: Omit<TrainerOptions, "callbacks" | "loggers" | "checkpointsFolder">;
}

/**
 * Looks for the largest batch that a machine has the memory for, by training on trial; the module
 * has its values back afterwards. `searchBatchSize` says when a size fits.
 *
 * What it finds depends on the machine and on chance: write the size into the spec, and every run
 * of that spec trains on the same batches.
 *
 * @throws {RangeError} when not even the first size fits
 */
export async function findBatchSize(options: FindBatchSizeOptions): Promise<FoundBatchSize> {
  return searchBatchSize(options, (batchSize, measure) => tryOn(batchSize, options, measure));
}

async function tryOn(
  batchSize: number,
  options: FindBatchSizeOptions,
  measure: (steps: BatchSizeSteps) => Promise<void>,
): Promise<void> {
  const { module, trainer: settings } = options;
  const loader = await options.loaderFor(batchSize);
  const measuring: Callback = {
    name: "findBatchSize",
    async onFitStart(state) {
      const samplesPerStep = batchSize * state.accumulateGradBatches;
      await state.tryTraining((step) => measure({ step, samplesPerStep }));
    },
  };
  const unused = { maxSteps: 0, maxEpochs: null, callbacks: [measuring], print: () => {} };
  try {
    await new Trainer({ ...settings, ...unused }).fit(module, { trainLoader: loader });
  } finally {
    await loader.dispose?.();
  }
}
