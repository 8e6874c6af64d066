import { InputError } from "../base/errors.ts";
import { readTensors, verifyCheckpoint } from "./checkpoint.ts";
import type { TrainingModule } from "./trainingModule.ts";
import { assignVariables } from "./variables.ts";

/**
 * Sets a module's trainable parameters to those of a checkpoint.
 *
 * @param averagedBy state key of the callback whose average to take, such as `weightAveraging`;
 *   undefined: the weights that were trained, or those that a checkpoint of weights only has
 * @throws {InputError} when the checkpoint is damaged, of another model, or has no such average
 */
export function restoreParameters(
  module: Pick<TrainingModule, "trainableParameters">,
  checkpoint: string,
  averagedBy?: string,
): void {
  const { weightsOnly } = verifyCheckpoint(checkpoint);
  const parameters = module.trainableParameters();
  if (averagedBy === undefined) {
    assignVariables("parameters", parameters, readTensors(checkpoint, "parameters"));
    return;
  }
  const prefix = `${averagedBy}/`;
  const callbacks = weightsOnly ? [] : readTensors(checkpoint, "callbacks");
  const averages = [...callbacks]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  if (averages.length === 0) {
    throw new InputError(
      `Cannot load ${checkpoint}: it has no weights averaged by "${averagedBy}"`,
    );
  }
  assignVariables("averaged parameters", parameters, new Map(averages));
}
