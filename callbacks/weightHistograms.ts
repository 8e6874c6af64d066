import {
  everySchema,
  isDueEvery,
  readEvery,
  readOptions,
  type Callback,
  type OptionsSchema,
} from "seedbed";

export interface WeightHistogramsOptions {
  everyNSteps: number | string;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    everyNSteps: {
      ...everySchema(1),
      default: 1000,
      description:
        "Optimizer steps between two histograms, or an interval such as `2 epochs` or `5 %`; each reads all weights.",
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
  const every = readEvery(everyNSteps);
  return {
    name: "weightHistograms",
    async onTrainBatchEnd(state) {
      if (!state.stepFinished || !isDueEvery(every, state)) return;
      for (const [name, parameter] of state.module.trainableParameters()) {
        await state.logHistogram(`weights/${name}`, { values: await parameter.data() });
      }
    },
  };
}
