import {
  checkpointName,
  hasPassed,
  improves,
  intervalSchema,
  KeptCheckpoints,
  minDeltaOption,
  modeOption,
  MonitoredMetric,
  parseInterval,
  readOptions,
  trainedSoFar,
  worstOf,
  type Callback,
  type MonitorMode,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface EarlyBestOptions {
  monitor: string;
  mode: MonitorMode;
  startAfter: string | null;
  minDelta: number;
  smoothing: number;
  restoreBest: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["monitor"],
  properties: {
    monitor: { type: "string", description: "Metric that decides, such as val/loss." },
    mode: modeOption,
    startAfter: {
      ...intervalSchema(["steps", "epochs", "percent"]),
      type: ["string", "null"],
      default: null,
      description:
        "Nothing is saved before: early in training almost every check is the best. What was best until then must still be surpassed.",
    },
    minDelta: minDeltaOption,
    smoothing: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description:
        "Share of the earlier checks in the value that decides, an exponential moving average; 0: the metric itself.",
    },
    restoreBest: {
      type: "boolean",
      default: true,
      description: "Leave the best weights in the model when the fit ends, however it ends.",
    },
  },
};

/**
 * Saves the weights of the best check, early and at once: after the hooks of the step whose
 * validation gave the value. They are those that were validated, averaged ones if something
 * averages, in a checkpoint of weights only that `best.json` names; to resume from, there is
 * `modelCheckpoint`, whose best `best.json` names if it has a `monitor` and comes first.
 *
 * After an interruption or an exception the weights are restored only in memory, when the
 * checkpoint to resume from is written. Of several workers that is in the memory of all, unless one has
 * failed for itself: they do not meet any more then, and it is done in that of rank 0.
 */
export function earlyBest(options: Partial<EarlyBestOptions>): Callback {
  const settings = readOptions<EarlyBestOptions>("earlyBest", optionsSchema, options);
  const { monitor, mode, minDelta, smoothing, restoreBest } = settings;
  const startAfter = settings.startAfter === null ? undefined : parseInterval(settings.startAfter);
  const metric = new MonitoredMetric(monitor);
  const ranking = { by: mode, count: 1 } as const;
  const kept = new KeptCheckpoints({ owner: "earlyBest", monitor, ranking, keepsLast: false });
  let best = worstOf(mode);
  let smoothed: number | undefined;
  let failure: { readonly error: unknown } | undefined;

  /** The value that decides, if this step is a check; numbers that are not finite are none. */
  function check(state: TrainerState): number | undefined {
    if (state.validatedAt !== state.step && !state.epochEnded && !state.ending) return undefined;
    const value = metric.measure(state);
    if (value === undefined || !Number.isFinite(value)) return undefined;
    const before = smoothed ?? value;
    smoothed = smoothing * before + (1 - smoothing) * value;
    return smoothed;
  }

  /** Also remembers the value, before `startAfter` too. */
  function isNewBest(value: number): boolean {
    if (!improves(mode, value, best, minDelta)) return false;
    best = value;
    return true;
  }

  async function restore(state: TrainerState): Promise<void> {
    await state.restoreWeights(kept.best?.path);
    tellOfRestored(state);
  }

  function tellOfRestored(state: TrainerState): void {
    const { best: saved } = kept;
    if (!saved) return;
    state.print(`earlyBest: the model has the weights of ${saved.path}, ${monitor} ${saved.score}`);
  }

  /** What went wrong first is what must be seen. */
  async function tryToRestore(state: TrainerState, first: unknown): Promise<void> {
    try {
      const isDone = await state.restoreAfterException(first, kept.best?.path);
      if (isDone) tellOfRestored(state);
    } catch (error) {
      state.print(`earlyBest: the best weights cannot be restored: ${String(error)}`);
    }
  }

  return {
    name: "earlyBest",
    kind: "checkpoint",
    stateKey: `earlyBest(${monitor}, ${mode})`,
    setup: (state) => kept.setup(state),
    onFitStart: (state) => kept.start(state),
    async wantsCheckpoint(state) {
      const value = check(state);
      if (value === undefined || !isNewBest(value)) return false;
      if (startAfter && !hasPassed(startAfter, trainedSoFar(state))) return false;
      await state.checkpointsWritten();
      const name = kept.offer(state.step, value, () => `best-${checkpointName(state.step)}`);
      return name === undefined ? false : { name, weightsOnly: true };
    },
    onCheckpointSaved: (state) => kept.finish(state),
    keepsCheckpoint: (name) => kept.keeps(name),
    async onFitEnd(state) {
      if (restoreBest) await restore(state);
      if (!kept.best) state.print(`earlyBest: nothing was saved, ${monitor} never improved enough`);
    },
    onException({ task }, error) {
      failure = task === "fit" ? { error } : undefined;
    },
    async teardown(state) {
      if (failure && restoreBest) await tryToRestore(state, failure.error);
      failure = undefined;
    },
    stateDict: () => ({ best, smoothed: smoothed ?? null, ...kept.stateDict() }),
    loadStateDict(state) {
      best = Number(state["best"]);
      smoothed = state["smoothed"] === null ? undefined : Number(state["smoothed"]);
      kept.loadStateDict(state);
    },
  };
}
