import { readTensors, verifyCheckpoint } from "./checkpoint.ts";
import type { TrainingModule } from "./trainingModule.ts";
import { assignVariables } from "./variables.ts";

/**
 * Sets all of a module's weights, also those that are not trained, to a checkpoint's.
 *
 * @throws {InputError} when the checkpoint is damaged or of another model
 */
export function restoreWeights(
  module: Pick<TrainingModule, "trainableParameters" | "otherState">,
  checkpoint: string,
): void {
  verifyCheckpoint(checkpoint);
  const others = module.otherState?.() ?? new Map();
  assignVariables(
    "parameters",
    module.trainableParameters(),
    readTensors(checkpoint, "parameters"),
  );
  assignVariables("otherState", others, readTensors(checkpoint, "otherState"));
}
