import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { FitState } from "./fitState.ts";
import { InterruptedError } from "./interruptedError.ts";

/**
 * Saves a checkpoint after training has failed, unless what is left may be of no finished step.
 *
 * @returns its name; undefined when there is none to save, or it could not be saved
 */
export async function saveAfterException(
  state: FitState,
  error: unknown,
  request: CheckpointRequest,
): Promise<string | undefined> {
  const { updateWatch, checkpointsFolder, saveAtOnce } = state;
  if (error instanceof InterruptedError || !updateWatch.isTraining) return undefined;
  if (checkpointsFolder === undefined) return undefined;
  if (!updateWatch.isBetweenSteps(error)) {
    state.print(
      "No checkpoint is saved after the exception: it came in an update, right after one, or in a step that changes other state, and what it left may be of no finished step; resume from the last checkpoint",
    );
    return undefined;
  }
  try {
    return await saveAtOnce?.(request);
  } catch (error) {
    state.print(`No checkpoint could be saved after the exception: ${String(error)}`);
    return undefined; // what went wrong first is what must be seen
  }
}
