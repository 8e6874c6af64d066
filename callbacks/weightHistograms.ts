import { isDueEvery, readOptions, type Callback, type OptionsSchema } from "seedbed";

export interface WeightHistogramsOptions {
  everyNSteps: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    everyNSteps: {
      type: "integer",
      minimum: 1,
      default: 1000,
      description: "Optimizer steps between two histograms; each reads all weights.",
    },
  },
};

/** Logs the distribution of every trained parameter as `weights/<its name>`. */
export function weightHistograms(options: Partial<WeightHistogramsOptions> = {}): Callback {
  const { everyNSteps } = readOptions<WeightHistogramsOptions>(
    "weightHistograms",
    optionsSchema,
    options,
  );
  return {
    name: "weightHistograms",
    async onTrainBatchEnd(state) {
      if (!state.stepFinished || !isDueEvery(everyNSteps, state)) return;
      for (const [name, parameter] of state.module.trainableParameters()) {
        await state.logHistogram(`weights/${name}`, { values: await parameter.data() });
      }
    },
  };
}
