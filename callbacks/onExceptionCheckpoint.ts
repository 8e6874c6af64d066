import { discardCheckpoint, readOptions, type Callback, type OptionsSchema } from "seedbed";

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {},
};

const checkpoint = "exception";

/**
 * Saves the checkpoint `exception` when training fails, for the fit that is resumed; it is removed
 * when a fit ends well. It holds what the last finished step left. Nothing is saved when the
 * failure was in the update of a step, was a loss that is not finite, or came in `onTrainBatchEnd`:
 * weights and averages may then be of no step. An interruption has a checkpoint of its own.
 */
export function onExceptionCheckpoint(options: object = {}): Callback {
  readOptions("onExceptionCheckpoint", optionsSchema, options);
  return {
    name: "onExceptionCheckpoint",
    kind: "checkpoint",
    async onException(state, error) {
      const name = await state.saveAfterException(error, { name: checkpoint });
      if (name === undefined) return;
      state.print(`onExceptionCheckpoint: step ${state.step} is saved as ${name}`);
    },
    onFitEnd({ checkpointsFolder }) {
      if (checkpointsFolder !== undefined) discardCheckpoint(checkpointsFolder, checkpoint);
    },
  };
}
