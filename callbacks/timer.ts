import {
  intervalSchema,
  parseInterval,
  readOptions,
  type Callback,
  type OptionsSchema,
  type TrainerState,
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
 * Asks training to stop when its time is up; the Trainer's minSteps and minEpochs may defer the
 * stop. Time goes on from the start of a fit to its end, validations included. With the Trainer's
 * `maxTime`, which looks after each step and needs no callback, the first to be over ends the fit.
 *
 * @param nowMs a clock that only goes forward
 */
export function timer(
  options: Partial<TimerOptions>,
  nowMs: () => number = () => performance.now(),
): Callback {
  const { duration, interval } = readOptions<TimerOptions>("timer", optionsSchema, options);
  const { count: seconds } = parseInterval(duration, ["seconds"]);
  /** By earlier fits that this one continues. */
  let usedSeconds = 0;
  let startedAtMs: number | undefined;
  /** Whether this callback has asked for a stop. */
  let stopped = false;

  const elapsedSeconds = (): number =>
    usedSeconds + (startedAtMs === undefined ? 0 : (nowMs() - startedAtMs) / 1000);

  function check(state: TrainerState): void {
    if (stopped || elapsedSeconds() < seconds) return;
    stopped = true;
    state.shouldStop = true;
    state.print(`timer at step ${state.step}: the ${duration} are over`);
  }

  return {
    name: "timer",
    stateKey: "timer",
    onFitStart(state) {
      startedAtMs = nowMs();
      if (stopped && usedSeconds < seconds) state.shouldStop = false; // there is more time now
      stopped = false;
      check(state);
    },
    onTrainBatchEnd(state) {
      if (interval === "step" && state.stepFinished) check(state);
    },
    onTrainEpochEnd(state) {
      if (interval === "epoch") check(state);
    },
    teardown() {
      usedSeconds = elapsedSeconds();
      startedAtMs = undefined;
    },
    stateDict: () => ({ elapsedSeconds: elapsedSeconds(), stopped }),
    loadStateDict(state) {
      usedSeconds = Number(state["elapsedSeconds"]);
      stopped = state["stopped"] === true;
    },
  };
}
