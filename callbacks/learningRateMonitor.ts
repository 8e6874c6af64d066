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
        "Log with the training metrics, or an epoch's first rate; null: as each schedule counts.",
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
 * Logs the learning rate that a step used as `lr-<optimizer>`, or as its schedule says, that of
 * groups of parameters as `<the same>/pg1` and so on, and beside them `<the same>-momentum` and
 * `-weightDecay`. Parameters that a callback freezes or trains apart have
 * `<the same>/<the callback's name for them>`.
 */
export function learningRateMonitor(options: Partial<LearningRateMonitorOptions> = {}): Callback {
  const { loggingInterval, logMomentum, logWeightDecay } = readOptions<LearningRateMonitorOptions>(
    "learningRateMonitor",
    optionsSchema,
    options,
  );
  let epochStarted = false;

  function log(state: TrainerState, { name, learningRate, momentum, weightDecay }: Group): void {
    state.log(name, learningRate);
    if (logMomentum && momentum !== undefined) state.log(`${name}-momentum`, momentum);
    if (logWeightDecay && weightDecay !== undefined) state.log(`${name}-weightDecay`, weightDecay);
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
      for (const optimizer of state.optimizers) {
        const interval = loggingInterval ?? optimizer.lrInterval;
        if (interval === "epoch" ? !epochStarted : !state.isLoggingStep) continue;
        for (const group of [...groupsOf(optimizer), ...stagedGroupsOf(state, optimizer)]) {
          log(state, group);
        }
      }
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

const loggedName = ({ name, lrName }: RunningOptimizer): string => lrName ?? `lr-${name}`;

function groupsOf(running: RunningOptimizer): Group[] {
  const { optimizer, learningRate } = running;
  const name = loggedName(running);
  const groups = optimizer.learningRates?.(learningRate);
  if (groups) return groups.map((group, i) => ({ ...group, name: `${name}/pg${i + 1}` }));
  const { momentum, weightDecay } = optimizer;
  return [{ name, learningRate, momentum, weightDecay }];
}

function stagedGroupsOf({ stagedGroups }: TrainerState, running: RunningOptimizer): Group[] {
  return [...stagedGroups].map(([group, { training }]) => ({
    name: `${loggedName(running)}/${group}`,
    learningRate: running.learningRate * (training?.lrFactor ?? 0),
  }));
}
