import {
  readOptions,
  type Callback,
  type OptionsSchema,
  type RunningOptimizer,
  type TrainerState,
} from "seedbed";

export interface LearningRateMonitorOptions {
  loggingInterval: "step" | "epoch" | null;
  logMomentum: boolean;
  logWeightDecay: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    loggingInterval: {
      enum: [null, "step", "epoch"],
      default: null,
      description:
        "Log with the training metrics, or an epoch's first rate; null: as schedules go, which is by steps.",
    },
    logMomentum: {
      type: "boolean",
      default: false,
      description: "Log the momentum, or the decay rate of the first moment, as well.",
    },
    logWeightDecay: {
      type: "boolean",
      default: false,
      description: "Log the weight decay as well.",
    },
  },
};

/**
 * Logs the learning rate that a step used as `lr-<optimizer>`, that of groups of parameters as
 * `lr-<optimizer>/pg1` and so on, and beside them `<the same>-momentum` and `-weightDecay`. Parameters
 * that a callback freezes or trains apart have `lr-<optimizer>/<the callback's name for them>`.
 */
export function learningRateMonitor(options: Partial<LearningRateMonitorOptions> = {}): Callback {
  const { loggingInterval, logMomentum, logWeightDecay } = readOptions<LearningRateMonitorOptions>(
    "learningRateMonitor",
    optionsSchema,
    options,
  );
  let epochStarted = false;

  function log(state: TrainerState): void {
    for (const { name, learningRate, momentum, weightDecay } of state.optimizers.flatMap(
      groupsOf,
    )) {
      state.log(name, learningRate);
      if (logMomentum && momentum !== undefined) state.log(`${name}-momentum`, momentum);
      if (logWeightDecay && weightDecay !== undefined)
        state.log(`${name}-weightDecay`, weightDecay);
    }
    for (const { name, learningRate } of state.optimizers) {
      for (const [group, { training }] of state.stagedGroups) {
        state.log(`lr-${name}/${group}`, learningRate * (training?.lrFactor ?? 0));
      }
    }
  }

  return {
    name: "learningRateMonitor",
    setup({ task, loggers }) {
      if (task !== "fit" || loggers.length > 0) return;
      throw new Error("Cannot log the learning rate: expected a logger, got none");
    },
    onTrainEpochStart() {
      epochStarted = true;
    },
    onTrainBatchEnd(state) {
      if (!state.stepFinished) return;
      if (loggingInterval === "epoch" ? epochStarted : state.isLoggingStep) log(state);
      epochStarted = false;
    },
  };
}

interface Group {
  /** As it is logged. */
  name: string;
  learningRate: number;
  momentum?: number | undefined;
  weightDecay?: number | undefined;
}

function groupsOf({ name, optimizer, learningRate }: RunningOptimizer): Group[] {
  const groups = optimizer.learningRates?.(learningRate);
  if (groups) return groups.map((group, i) => ({ ...group, name: `lr-${name}/pg${i + 1}` }));
  const { momentum, weightDecay } = optimizer;
  return [{ name: `lr-${name}`, learningRate, momentum, weightDecay }];
}
