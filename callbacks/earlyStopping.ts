import {
  hasPassed,
  improves,
  intervalSchema,
  isBetter,
  minDeltaOption,
  modeOption,
  parseInterval,
  readOptions,
  trainedSoFar,
  worstOf,
  type Callback,
  type MonitorMode,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface EarlyStoppingOptions {
  monitor: string;
  mode: MonitorMode;
  minDelta: number;
  patience: number;
  baseline: number | null;
  startAfter: string | null;
  strict: boolean;
  checkFinite: boolean;
  stoppingThreshold: number | null;
  divergenceThreshold: number | null;
  checkOnTrainEpochEnd: boolean | null;
}

const numberOrNull = { type: ["number", "null"], default: null };

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["monitor"],
  properties: {
    monitor: { type: "string", description: "Metric to watch, such as val/loss." },
    mode: modeOption,
    minDelta: minDeltaOption,
    patience: {
      type: "integer",
      minimum: 1,
      default: 3,
      description: "Checks without improvement after which training stops.",
    },
    baseline: {
      ...numberOrNull,
      description: "What the first check must already improve on; null: anything.",
    },
    startAfter: {
      ...intervalSchema(["steps", "epochs", "percent"]),
      type: ["string", "null"],
      default: null,
      description:
        "Warm-up: checks before are left out, and what was reached then need not be surpassed.",
    },
    strict: {
      type: "boolean",
      default: true,
      description: "Whether a missing metric is an error.",
    },
    checkFinite: {
      type: "boolean",
      default: true,
      description: "Whether NaN or infinity stops training.",
    },
    stoppingThreshold: {
      ...numberOrNull,
      description: "Stop once the metric is better than this.",
    },
    divergenceThreshold: {
      ...numberOrNull,
      description: "Stop once the metric is worse than this.",
    },
    checkOnTrainEpochEnd: {
      type: ["boolean", "null"],
      default: null,
      description:
        "Check at the end of epochs (true) or validations (false); null: epochs, unless validation has its own interval.",
    },
  },
};

/**
 * Asks training to stop once a metric no longer improves. `patience` counts checks, not epochs;
 * the Trainer's minSteps and minEpochs may defer the stop. Weights are left as they are: `earlyBest`
 * restores those of the best check.
 */
export function earlyStopping(options: Partial<EarlyStoppingOptions>): Callback {
  const settings = readOptions<EarlyStoppingOptions>("earlyStopping", optionsSchema, options);
  const { monitor, mode, strict, checkOnTrainEpochEnd } = settings;
  const startAfter = settings.startAfter === null ? undefined : parseInterval(settings.startAfter);
  let best = settings.baseline ?? worstOf(mode);
  let wait = 0;
  let stoppedAtStep = 0;

  function check(state: TrainerState): void {
    if (startAfter && !hasPassed(startAfter, trainedSoFar(state))) return;
    const value = state.metrics[monitor];
    if (value === undefined) {
      const known = Object.keys(state.metrics).join(", ");
      const message = `Cannot stop early on "${monitor}": expected one of ${known}`;
      if (strict) throw new RangeError(message);
      state.print(`${message}; this check is skipped`);
      return;
    }
    const reason = reasonToStop(value);
    if (reason === undefined) return;
    stoppedAtStep = state.step;
    state.shouldStop = true;
    state.print(`earlyStopping at step ${state.step}: ${monitor} ${reason}`);
  }

  /** Also counts the check. The order of the questions is Lightning's. */
  function reasonToStop(value: number): string | undefined {
    const { checkFinite, stoppingThreshold, divergenceThreshold, minDelta, patience } = settings;
    if (checkFinite && !Number.isFinite(value)) return `is ${value}`;
    if (stoppingThreshold !== null && isBetter(mode, value, stoppingThreshold)) {
      return `${value} passed the threshold ${stoppingThreshold}`;
    }
    if (divergenceThreshold !== null && isBetter(mode, divergenceThreshold, value)) {
      return `${value} passed the divergence threshold ${divergenceThreshold}`;
    }
    if (improves(mode, value, best, minDelta)) {
      best = value;
      wait = 0;
      return undefined;
    }
    wait++;
    return wait >= patience ? `did not improve on ${best} in ${wait} checks` : undefined;
  }

  const checksEpochs = ({ validation }: TrainerState): boolean =>
    checkOnTrainEpochEnd ?? validation !== "interval";

  return {
    name: "earlyStopping",
    kind: "monitor",
    stateKey: `earlyStopping(${monitor}, ${mode})`,
    onValidationEnd(state) {
      if (state.task === "fit" && state.stage === "validate" && !checksEpochs(state)) check(state);
    },
    onTrainEpochEnd(state) {
      if (checksEpochs(state)) check(state);
    },
    stateDict: () => ({ best, wait, stoppedAtStep }),
    loadStateDict(state) {
      best = Number(state["best"]);
      wait = Number(state["wait"]);
      stoppedAtStep = Number(state["stoppedAtStep"]);
    },
  };
}
