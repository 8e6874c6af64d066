import {
  readOptions,
  writeReport,
  type Callback,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface LearningRateFinderOptions {
  minLr: number;
  maxLr: number;
  numTrainingSteps: number;
  mode: "exponential" | "linear";
  earlyStopThreshold: number | null;
  smoothing: number;
  skipBegin: number;
  skipEnd: number;
  updateLr: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    minLr: {
      type: "number",
      exclusiveMinimum: 0,
      default: 1e-8,
      description: "Learning rate of the first step on trial.",
    },
    maxLr: {
      type: "number",
      exclusiveMinimum: 0,
      default: 1,
      description: "Learning rate of the last.",
    },
    numTrainingSteps: {
      type: "integer",
      minimum: 3,
      default: 100,
      description: "Optimizer steps on trial.",
    },
    mode: {
      enum: ["exponential", "linear"],
      default: "exponential",
      description: "How the learning rate grows.",
    },
    earlyStopThreshold: {
      type: ["number", "null"],
      exclusiveMinimum: 1,
      default: 4,
      description: "End when the smoothed loss is so many times its best; null: never.",
    },
    smoothing: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.98,
      description: "Share of the averaged loss that a step keeps, for `earlyStopThreshold`.",
    },
    skipBegin: {
      type: "integer",
      minimum: 0,
      default: 10,
      description: "First steps that the suggestion leaves out.",
    },
    skipEnd: {
      type: "integer",
      minimum: 0,
      default: 1,
      description: "Last steps that it leaves out.",
    },
    updateLr: {
      type: "boolean",
      default: true,
      description: "Train with the suggestion; otherwise it is only printed and written.",
    },
  },
};

/** Loss after each step on trial. */
export interface LearningRateCurve {
  readonly learningRates: readonly number[];
  readonly losses: readonly number[];
  readonly smoothedLosses: readonly number[];
}

/**
 * Finds a learning rate before the first step of a fit: trains on trial while the rate grows, takes
 * the one at which the loss falls most steeply, and puts everything back. The fit then has the bits
 * of one whose optimizer had that rate from the start; a schedule acts on it, and groups of
 * parameters keep their proportions. Checkpoints hold the rate, and a resumed fit does not search.
 *
 * The curve, in `lr-finder.json` beside the checkpoints' folder, is for looking at: the suggestion
 * is a place to start from. It is not logged as a metric, since its steps are not those of
 * training; the suggestion is, as `learningRateFinder/suggestion`. Left out under `fastDevRun`.
 *
 * Source: Smith 2017, arXiv:1506.01186, section 3.3; exponential growth, smoothing and the end at 4
 * times the best loss are fastai's.
 */
export function learningRateFinder(options: Partial<LearningRateFinderOptions> = {}): Callback {
  const settings = readOptions<LearningRateFinderOptions>(
    "learningRateFinder",
    optionsSchema,
    options,
  );
  if (settings.minLr >= settings.maxLr) {
    throw new RangeError(
      `Cannot build learningRateFinder: expected minLr below maxLr, got ${settings.minLr} and ${settings.maxLr}`,
    );
  }
  let searched = false;
  let found: number | undefined;

  async function search(state: TrainerState): Promise<void> {
    if (state.optimizers.length > 1) {
      throw new RangeError(
        `Cannot find a learning rate: expected one optimizer, got ${state.optimizers.length}`,
      );
    }
    const curve = await measureCurve(state, settings);
    found = suggest(curve, settings);
    searched = true;
    const file = writeReport(state, "lr-finder.json", { ...curve, suggestion: found ?? null });
    const where = file === undefined ? "" : `; the curve is in ${file}`;
    if (found === undefined) {
      state.print(`learningRateFinder: the loss never fell, the learning rate stays${where}`);
      return;
    }
    state.print(`learningRateFinder: suggests a learning rate of ${found}${where}`);
    state.log("learningRateFinder/suggestion", found);
  }

  return {
    name: "learningRateFinder",
    kind: "tuner",
    stateKey: "learningRateFinder",
    async onFitStart(state) {
      if (!searched && state.step === 0) await search(state);
      if (settings.updateLr && found !== undefined) state.setLearningRate(found);
    },
    teardown() {
      searched = false; // what was found stays for a fit of this Trainer that goes on
    },
    stateDict: () => ({ searched, found: found ?? null }),
    loadStateDict(state) {
      searched = state["searched"] === true;
      found = typeof state["found"] === "number" ? state["found"] : undefined;
    },
  };
}

async function measureCurve(
  state: TrainerState,
  settings: LearningRateFinderOptions,
): Promise<LearningRateCurve> {
  const { numTrainingSteps, smoothing, earlyStopThreshold } = settings;
  const learningRates: number[] = [];
  const losses: number[] = [];
  const smoothedLosses: number[] = [];
  let average = 0;
  let best = Infinity;
  await state.tryTraining(async (step) => {
    for (let i = 0; i < numTrainingSteps; i++) {
      const learningRate = rateAt(i / (numTrainingSteps - 1), settings);
      const { loss } = await step(learningRate);
      if (loss === undefined) throw new TypeError("expected the training step to return a loss");
      average = average * smoothing + loss * (1 - smoothing);
      const smoothed = average / (1 - smoothing ** (i + 1));
      learningRates.push(learningRate);
      losses.push(loss);
      smoothedLosses.push(smoothed);
      if (!Number.isFinite(smoothed)) return;
      if (earlyStopThreshold !== null && smoothed > earlyStopThreshold * best) return;
      best = Math.min(best, smoothed);
    }
  });
  return { learningRates, losses, smoothedLosses };
}

/** @param part of the way, 0 to 1 */
function rateAt(part: number, { minLr, maxLr, mode }: LearningRateFinderOptions): number {
  if (mode === "linear") return minLr + (maxLr - minLr) * part;
  return minLr * (maxLr / minLr) ** part;
}

/** Part of the steps that lie on each side of one whose slope is measured. */
const slopeWindow = 1 / 16;

/**
 * The learning rate at which the loss falls most from step to step, by a line fitted to the losses
 * around; undefined when it never falls.
 *
 * The smoothed loss would not do: its slope is the distance of the newest loss from an average that
 * lags behind, so the steepest place is a lucky batch, or comes late.
 */
export function suggest(
  { learningRates, losses }: Pick<LearningRateCurve, "learningRates" | "losses">,
  { skipBegin, skipEnd }: Pick<LearningRateFinderOptions, "skipBegin" | "skipEnd">,
): number | undefined {
  const end = losses.length - skipEnd;
  const reach = Math.max(1, Math.round(losses.length * slopeWindow));
  let steepest = 0;
  let suggestion: number | undefined;
  for (let i = skipBegin; i < end; i++) {
    const slope = slopeOf(
      losses.slice(Math.max(skipBegin, i - reach), Math.min(end, i + reach + 1)),
    );
    if (!(slope < steepest)) continue;
    steepest = slope;
    suggestion = learningRates[i];
  }
  return suggestion;
}

/** Of the line that fits best, by least squares; NaN for less than two values. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const sum = (of: (value: number, x: number) => number): number =>
    values.reduce((total, value, i) => total + of(value, i - middle), 0);
  return sum((value, x) => x * value) / sum((_, x) => x * x);
}
