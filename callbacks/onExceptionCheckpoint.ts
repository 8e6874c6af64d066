import {
  discardCheckpoint,
  InterruptedError,
  readOptions,
  type Callback,
  type OptionsSchema,
} from "seedbed";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {},
};

const checkpoint = "exception";

/**
 * Saves the checkpoint `exception` when training fails, for the fit that is resumed; it is removed
 * when a fit ends well. It holds what the last finished step left. Nothing is saved when the
 * failure was in a step, or in a hook that follows it at once: weights may then be between two
 * states. An interruption has a checkpoint of its own.
 */
export function onExceptionCheckpoint(options: object = {}): Callback {
  readOptions("onExceptionCheckpoint", optionsSchema, options);
  let canSave = false;
  return {
    name: "onExceptionCheckpoint",
    kind: "checkpoint",
    onTrainStart() {
      canSave = true;
    },
    onTrainBatchStart(state) {
      canSave = !state.stepFinished;
    },
    onTrainBatchEnd() {
      canSave = true;
    },
    onTrainEnd() {
      canSave = false; // from now on others may replace the weights
    },
    async onException(state, error) {
      const saves = canSave && !(error instanceof InterruptedError);
      canSave = false;
      const name = saves ? await state.saveAfterException({ name: checkpoint }) : undefined;
      if (name === undefined) return;
      state.print(`onExceptionCheckpoint: step ${state.step} is saved as ${name}`);
    },
    onFitEnd({ checkpointsFolder }) {
      if (checkpointsFolder !== undefined) discardCheckpoint(checkpointsFolder, checkpoint);
    },
  };
}
