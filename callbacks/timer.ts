import {
  intervalSchema,
  parseInterval,
  readOptions,
  type Callback,
  type OptionsSchema,
} from "seedbed";

export interface TimerOptions {
  duration: string;
  interval: "step" | "epoch";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["duration"],
  properties: {
    duration: {
      ...intervalSchema(["seconds"]),
      description:
        "Time for all training, also as `DD:HH:MM:SS`; a resumed fit has what its predecessors left.",
    },
    interval: {
      enum: ["step", "epoch"],
      default: "step",
      description: "Look at the clock after each optimizer step, or only at the end of each epoch.",
    },
  },
};

/**
 * Ends training when its time is up; the Trainer's minSteps and minEpochs may defer that. Time goes
 * on from the first step of a fit to its end, validations included. It is the Trainer's `maxTime` as
 * a callback, which can look at the ends of epochs alone; the first to be over ends the fit.
 */
export function timer(options: Partial<TimerOptions>): Callback {
  const { duration, interval } = readOptions<TimerOptions>("timer", optionsSchema, options);
  const { count: seconds } = parseInterval(duration, ["seconds"]);
  return {
    name: "timer",
    onFitStart: (state) => state.limitTime(seconds, interval),
  };
}
