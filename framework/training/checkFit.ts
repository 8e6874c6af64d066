/** @file Whether a fit can begin: looked at before any hook runs. */
import { InputError } from "../base/errors.ts";
import type { DataLoader } from "../data/dataLoader.ts";
import { stepsPerEpoch } from "./schedule.ts";
import type { TrainerSettings } from "./trainerOptions.ts";
import type { ManualTrainingModule, TrainingModule } from "./trainingModule.ts";

/** @throws {TypeError} naming what the module lacks, or which settings do not go with it */
export function checkModule(
  module: Partial<TrainingModule & ManualTrainingModule>,
  settings: TrainerSettings,
): void {
  const { accumulateGradBatches, gradientClipVal, onNonFinite, checkpointsFolder } = settings;
  const { shardOptimizer, world } = settings;
  if (onNonFinite === "rollBack" && checkpointsFolder === undefined) {
    throw new TypeError(
      "Cannot fit: onNonFinite rollBack goes back to checkpoints, expected a checkpointsFolder, got none",
    );
  }
  if (module.configureOptimizers === undefined) {
    throw new TypeError("Cannot fit: the module has no configureOptimizers");
  }
  if (module.manualTrainingStep !== undefined) {
    if (shardOptimizer && world.size > 1) {
      throw new InputError(
        "Cannot fit: strategy.shardOptimizer needs an update that the Trainer makes, and a manualTrainingStep makes its own; leave it out",
      );
    }
    if (accumulateGradBatches === 1 && gradientClipVal === undefined) return;
    throw new TypeError(
      "Cannot fit: a manualTrainingStep decides itself, expected neither accumulateGradBatches nor gradientClipVal",
    );
  }
  if (module.trainingStep === undefined) {
    throw new TypeError("Cannot fit: the module has no trainingStep");
  }
}

/**
 * @param loader what a program that is not type-checked may have given
 * @throws {TypeError} when it is none
 * @throws {InputError} when it has no batch
 */
export function checkTrainLoader(loader: DataLoader | readonly DataLoader[] | null): void {
  if (!loader || !("batch" in loader)) {
    const got = !loader ? "none" : "a list; combineLoaders() makes one of several";
    throw new TypeError(`Cannot fit: expected a trainLoader, got ${got}`);
  }
  if (loader.length === 0) throw new InputError("Cannot fit: the training loader has no batch");
}

/**
 * A whole interval longer than the epoch would never validate.
 *
 * @throws {RangeError} when it is, or is a part of what has no known length
 */
export function checkValidationInterval(
  batchesPerEpoch: number,
  { valCheckInterval, checkValEveryNEpoch, accumulateGradBatches }: TrainerSettings,
): void {
  if (valCheckInterval === undefined || checkValEveryNEpoch === undefined) return;
  if (batchesPerEpoch === Infinity && !Number.isInteger(valCheckInterval)) {
    throw new RangeError(
      `Cannot validate ${valCheckInterval} of the way through an epoch of unknown length; set valCheckInterval to a whole number of steps`,
    );
  }
  const steps = stepsPerEpoch(batchesPerEpoch, accumulateGradBatches);
  if (valCheckInterval <= steps || batchesPerEpoch === 0) return;
  throw new RangeError(
    `Cannot validate every ${valCheckInterval} steps: an epoch has ${steps}; set checkValEveryNEpoch to null to count across epochs`,
  );
}
