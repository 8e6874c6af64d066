import { readOptions, type Callback, type OptionsSchema } from "seedbed";

export interface LearningRateMonitorOptions {
  loggingInterval: "step" | "epoch";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    loggingInterval: {
      enum: ["step", "epoch"],
      default: "step",
      description: "Log with the training metrics, or at the start of each epoch.",
    },
  },
};

/** Logs the learning rate as `lr-<optimizer>`: the one a step used, or an epoch's first one. */
export function learningRateMonitor(options: Partial<LearningRateMonitorOptions> = {}): Callback {
  const { loggingInterval } = readOptions<LearningRateMonitorOptions>(
    "learningRateMonitor",
    optionsSchema,
    options,
  );
  let epochStarted = false;
  return {
    name: "learningRateMonitor",
    onTrainEpochStart() {
      epochStarted = true;
    },
    onTrainBatchEnd(state) {
      const due = loggingInterval === "epoch" ? epochStarted : true;
      if (!due || !state.stepFinished) return;
      if (loggingInterval === "step" && !state.isLoggingStep) return;
      epochStarted = false;
      state.log(`lr-${state.optimizerName}`, state.learningRate);
    },
  };
}
