import {
  byteCountPattern,
  checkpointName,
  checkpointTemplate,
  everySchema,
  isDueEvery,
  hasPassed,
  intervalSchema,
  KeptCheckpoints,
  modeOption,
  MonitoredMetric,
  parseByteCount,
  parseInterval,
  readEvery,
  readOptions,
  worstOf,
  type Callback,
  type MonitorMode,
  type OptionsSchema,
  type SavedCheckpoint,
  type TrainerState,
} from "seedbed";

export interface ModelCheckpointOptions {
  monitor: string | null;
  mode: MonitorMode;
  saveTopK: number;
  maxTotalSize: string | null;
  saveLast: boolean;
  saveWeightsOnly: boolean;
  saveOnException: boolean;
  filename: string | null;
  autoInsertMetricName: boolean;
  enableVersionCounter: boolean;
  everyNTrainSteps: number | string;
  everyNEpochs: number;
  trainTimeInterval: string | null;
  saveOnTrainEpochEnd: boolean | null;
  verbose: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    monitor: {
      type: ["string", "null"],
      default: null,
      description: "Metric that decides which checkpoints are best; null: the newest is kept.",
    },
    mode: modeOption,
    saveTopK: {
      type: "integer",
      minimum: -1,
      default: 1,
      description: "How many of the best are kept; 0: none, -1: every one that is saved.",
    },
    maxTotalSize: {
      type: ["string", "null"],
      pattern: byteCountPattern,
      default: null,
      description:
        "So much at most on the disk, such as `20 GB`: of what `saveTopK` would keep the worst go first, the best and the newest never. While one is written there is one more; null: any size.",
    },
    saveLast: {
      type: "boolean",
      default: true,
      description: "Save at each occasion and at the end, and keep the newest, best or not.",
    },
    saveWeightsOnly: {
      type: "boolean",
      default: false,
      description:
        "Save only the weights to publish, averaged ones if something averages; nothing can be resumed from them.",
    },
    saveOnException: {
      type: "boolean",
      default: false,
      description:
        "When training fails, save what the last step left, unless an update was under way. After an interruption this is always done.",
    },
    filename: {
      type: ["string", "null"],
      default: null,
      description:
        "The checkpoint's name with `{epoch}`, `{step}` or metrics in it, as in `{epoch:03d}-{val/loss:.2f}`, which gives `epoch=003-val_loss=0.25`: a checkpoint is one folder, so a `/` becomes `_`. null: `step-0000100`.",
    },
    autoInsertMetricName: {
      type: "boolean",
      default: true,
      description: "Write `name=` before each number of `filename`.",
    },
    enableVersionCounter: {
      type: "boolean",
      default: true,
      description:
        "Add `-v1`, `-v2` and so on when `filename` gives the name of another checkpoint; else that one is overwritten.",
    },
    everyNTrainSteps: {
      ...everySchema(0),
      default: 0,
      description:
        "Save every n optimizer steps, or at an interval such as `10000 samples` or `5 %`, after the validation of that step; 0: never.",
    },
    everyNEpochs: {
      type: "integer",
      minimum: 0,
      description:
        "Save every n epochs: at their ends, or after their validations when these have an interval of their own; 0: never. Default 1, or 0 with another trigger.",
    },
    trainTimeInterval: {
      ...intervalSchema(["seconds"]),
      type: ["string", "null"],
      default: null,
      description: "Save at the first step after so much time since the last save; null: never.",
    },
    saveOnTrainEpochEnd: {
      type: ["boolean", "null"],
      default: null,
      description:
        "With everyNEpochs: save at the end of epochs (true) or after validations (false); null: epochs, unless validation has its own interval.",
    },
    verbose: {
      type: "boolean",
      default: false,
      description: "Print a line about each checkpoint.",
    },
  },
};

/** The callback, and what it has saved. Paths begin with the Trainer's `checkpointsFolder`. */
export interface ModelCheckpoint extends Callback {
  /** Without a metric to monitor: the newest. */
  readonly bestModelPath: string | undefined;
  /** Value of the monitored metric; NaN counts as the worst infinity. */
  readonly bestModelScore: number | undefined;
  /** The next to be replaced; undefined while fewer than `saveTopK` are there. */
  readonly kthBestModelPath: string | undefined;
  /** Scores of the best by path, the best first. */
  readonly bestKModels: ReadonlyMap<string, number>;
  readonly lastModelPath: string | undefined;
}

/**
 * Saves checkpoints and keeps the best by a monitored metric, and the last. A checkpoint counts as
 * a candidate for the best only if the metric was measured at its own step. `best.json` beside the
 * checkpoints names the best one, as `last.json` names the last that training can be resumed from;
 * it is that of the first callback that monitors something.
 * The checkpoint that a fit was resumed from stays while that fit goes on.
 *
 * @param nowMs decides about `trainTimeInterval` alone
 */
export function modelCheckpoint(
  options: Partial<ModelCheckpointOptions> = {},
  nowMs: () => number = () => performance.now(),
): ModelCheckpoint {
  const settings = readModelCheckpointOptions(options);
  const { monitor, mode, saveTopK, saveLast, saveWeightsOnly, maxTotalSize } = settings;
  const metric = monitor === null ? undefined : new MonitoredMetric(monitor);
  const ranking = { by: metric ? mode : "newest", count: saveTopK } as const;
  const kept = new KeptCheckpoints({
    owner: "modelCheckpoint",
    monitor,
    ranking,
    keepsLast: saveLast,
    ...(maxTotalSize !== null && { maxTotalBytes: parseByteCount(maxTotalSize) }),
  });
  const nameFrom = nameMaker(settings);
  const isDue = trigger(settings, nowMs);
  /** Step of the newest that was spoken of. */
  let told = -1;

  function measure(state: TrainerState): number | null {
    const value = metric?.measure(state);
    return value === undefined ? null : Number.isNaN(value) ? worstOf(mode) : value;
  }

  function describe({ name, score }: SavedCheckpoint): string {
    if (monitor === null || score === null) return `saved ${name}`;
    const rank = kept.top.findIndex((saved) => saved.name === name) + 1;
    return `saved ${name}, ${monitor} ${score}${rank > 0 ? `, number ${rank} of the best` : ""}`;
  }

  return {
    name: "modelCheckpoint",
    kind: "checkpoint",
    stateKey: stateKey(settings),
    get bestModelPath() {
      return kept.best?.path;
    },
    get bestModelScore() {
      return kept.best?.score ?? undefined;
    },
    get kthBestModelPath() {
      const worst = kept.top.at(-1);
      return worst && (saveTopK === -1 || kept.top.length === saveTopK)
        ? kept.pathOf(worst)
        : undefined;
    },
    get bestKModels() {
      const scored = kept.top.map((saved) => [kept.pathOf(saved), saved.score] as const);
      return new Map(scored.filter((entry): entry is [string, number] => entry[1] !== null));
    },
    get lastModelPath() {
      return kept.last && kept.pathOf(kept.last);
    },
    setup: (state) => kept.setup(state),
    onFitStart(state) {
      told = -1;
      kept.start(state);
    },
    onTrainStart: () => isDue.restart(),
    async wantsCheckpoint(state) {
      if (!isDue.now(state)) return false;
      await state.checkpointsWritten();
      const name = kept.offer(state.step, measure(state), (dropped) => nameFrom(state, dropped));
      return name === undefined ? false : { name, weightsOnly: saveWeightsOnly };
    },
    onCheckpointSaved(state, name) {
      const saved = kept.find(name);
      const isNew = saved !== undefined && saved.step > told;
      told = saved?.step ?? told;
      if (settings.verbose && isNew) state.print(`modelCheckpoint: ${describe(saved)}`);
      kept.finish(state);
    },
    keepsCheckpoint: (name) => kept.keeps(name),
    async onException(state, error) {
      if (!settings.saveOnException) return;
      const name = await state.saveAfterException(error, { weightsOnly: saveWeightsOnly });
      if (name !== undefined) state.print(`modelCheckpoint: saved ${name} after an exception`);
    },
    stateDict: () => kept.stateDict(),
    loadStateDict: (state) => kept.loadStateDict(state),
  };
}

function readModelCheckpointOptions(
  options: Partial<ModelCheckpointOptions>,
): ModelCheckpointOptions {
  const { everyNTrainSteps, trainTimeInterval } = options;
  const everyNEpochs = everyNTrainSteps || trainTimeInterval ? 0 : 1;
  const settings = readOptions<ModelCheckpointOptions>("modelCheckpoint", optionsSchema, {
    everyNEpochs,
    ...options,
  });
  const triggers = (["everyNTrainSteps", "everyNEpochs", "trainTimeInterval"] as const)
    .filter((name) => settings[name])
    .map((name) => `${name} ${settings[name]}`);
  if (triggers.length > 1) {
    throw new RangeError(
      `Cannot build modelCheckpoint: expected one trigger, got ${triggers.join(" and ")}; use one callback for each`,
    );
  }
  if (settings.monitor === null && settings.saveTopK > 1) {
    throw new RangeError(
      `Cannot build modelCheckpoint: saveTopK ${settings.saveTopK} needs a metric to monitor`,
    );
  }
  return settings;
}

/** What tells two of these callbacks apart. */
function stateKey(settings: ModelCheckpointOptions): string {
  const { monitor, mode, everyNTrainSteps, everyNEpochs, trainTimeInterval } = settings;
  const more = [trainTimeInterval, settings.filename, settings.saveWeightsOnly && "weights"];
  const parts = [monitor, mode, everyNTrainSteps, everyNEpochs, ...more.filter(Boolean)];
  return `modelCheckpoint(${parts.join(", ")})`;
}

/** The name of a new checkpoint, when those in `dropped` are no longer kept. */
function nameMaker(
  settings: ModelCheckpointOptions,
): (state: TrainerState, dropped: readonly string[]) => string {
  const { filename, autoInsertMetricName, enableVersionCounter, saveWeightsOnly } = settings;
  if (filename === null) {
    return ({ step }) => checkpointName(step, saveWeightsOnly ? "weights" : undefined);
  }
  const render = checkpointTemplate(filename, autoInsertMetricName);
  return (state, dropped) => {
    const { metrics, step, epoch } = state;
    const name = render({ ...metrics, step, epoch });
    return enableVersionCounter ? state.freeCheckpointName(name, dropped) : name;
  };
}

/** Whether a step is an occasion to save. */
function trigger(
  settings: ModelCheckpointOptions,
  nowMs: () => number,
): { now(state: TrainerState): boolean; restart(): void } {
  const { everyNTrainSteps, everyNEpochs, trainTimeInterval, saveLast } = settings;
  const interval = trainTimeInterval === null ? undefined : parseInterval(trainTimeInterval);
  const every = readEvery(everyNTrainSteps);
  let savedAtMs = 0;

  function isTriggered(state: TrainerState): boolean {
    const { step, epoch, epochEnded, validation, validatedAt } = state;
    if (interval) return hasPassed(interval, { seconds: (nowMs() - savedAtMs) / 1000 });
    if (every !== 0) return isDueEvery(every, state);
    if (everyNEpochs === 0 || (epoch + 1) % everyNEpochs !== 0) return false;
    const atEpochEnd = settings.saveOnTrainEpochEnd ?? validation !== "interval";
    return atEpochEnd ? epochEnded : validatedAt === step;
  }

  return {
    now(state) {
      const atEnd = state.ending && (saveLast || state.validatedAt === state.step);
      if (!atEnd && !isTriggered(state)) return false;
      savedAtMs = nowMs();
      return true;
    },
    restart() {
      savedAtMs = nowMs();
    },
  };
}
