import { runEagerly, type Compile } from "../base/compile.ts";
import type { ClipAlgorithm } from "../optim/clipping.ts";
import type { Logger } from "../tracking/logger.ts";
import { orderCallbacks, type Callback } from "./callback.ts";

/** Unlimited, or the default, is null or left out. Names and meanings are Lightning's. */
export interface TrainerOptions {
  /** Decides every random number, an integer in [0, 2^32). */
  seed?: number | undefined;
  /** Optimizer steps; with `maxEpochs` the first limit reached ends the fit. */
  maxSteps?: number | null | undefined;
  /** 1000 when `maxSteps` is not given either. */
  maxEpochs?: number | null | undefined;
  /** Requests to stop wait for so many steps; implies `minEpochs` 1. */
  minSteps?: number | null | undefined;
  minEpochs?: number | null | undefined;
  /** Batches per optimizer step; a shorter last window is averaged over its true count. */
  accumulateGradBatches?: number | undefined;
  /** Largest gradient norm or value; null, undefined or <= 0: no clipping. */
  gradientClipVal?: number | null | undefined;
  gradientClipAlgorithm?: ClipAlgorithm | undefined;
  /**
   * When to validate: a whole number counts optimizer steps, a fraction is a part of the epoch;
   * null: at the end of the epoch.
   */
  valCheckInterval?: number | null | undefined;
  /** Validate in every n-th epoch; null: a whole `valCheckInterval` counts across epochs. */
  checkValEveryNEpoch?: number | null | undefined;
  /** Whole number: so many batches; fraction: that part; null: all; 0: none. */
  limitTrainBatches?: number | null | undefined;
  limitValBatches?: number | null | undefined;
  /** 0: training metrics are not logged. */
  logEveryNSteps?: number | undefined;
  /** Validation batches run before training; 0: none, -1: all. */
  numSanityValSteps?: number | undefined;
  /** Validate once more when training ends between two validations. */
  validateOnTrainEnd?: boolean | undefined;
  callbacks?: readonly Callback[] | undefined;
  loggers?: readonly Logger[] | undefined;
  /** Where checkpoints go; undefined: none can be saved. */
  checkpointsFolder?: string | undefined;
  /** Written to checkpoints, so that a resuming program can compare it with its own. */
  specHash?: string | undefined;
  compile?: Compile | undefined;
  /** Aborted: the running step is finished, a checkpoint saved, and `InterruptedError` thrown. */
  signal?: AbortSignal | undefined;
  print?: ((line: string) => void) | undefined;
}

/** Options checked and complete; Infinity is no limit. */
export interface TrainerSettings {
  readonly seed: number;
  readonly maxSteps: number;
  readonly maxEpochs: number;
  readonly minSteps: number;
  readonly minEpochs: number;
  readonly accumulateGradBatches: number;
  readonly gradientClipVal: number | undefined;
  readonly gradientClipAlgorithm: ClipAlgorithm;
  readonly valCheckInterval: number | undefined;
  readonly checkValEveryNEpoch: number | undefined;
  readonly limitTrainBatches: number | undefined;
  readonly limitValBatches: number | undefined;
  readonly logEveryNSteps: number;
  readonly numSanityValSteps: number;
  readonly validateOnTrainEnd: boolean;
  readonly callbacks: readonly Callback[];
  readonly loggers: readonly Logger[];
  readonly checkpointsFolder: string | undefined;
  readonly specHash: string | undefined;
  readonly compile: Compile;
  readonly signal: AbortSignal | undefined;
  readonly print: (line: string) => void;
}

const defaultMaxEpochs = 1000;

/** @throws {RangeError} naming the first option that cannot be used */
export function resolveTrainerOptions(options: TrainerOptions): TrainerSettings {
  const { print = console.log } = options;
  const checkValEveryNEpoch =
    options.checkValEveryNEpoch === undefined ? 1 : (options.checkValEveryNEpoch ?? undefined);
  const settings: TrainerSettings = {
    seed: options.seed ?? 0,
    ...durations(options, print),
    accumulateGradBatches: options.accumulateGradBatches ?? 1,
    gradientClipVal: options.gradientClipVal ?? undefined,
    gradientClipAlgorithm: options.gradientClipAlgorithm ?? "norm",
    valCheckInterval: options.valCheckInterval ?? undefined,
    checkValEveryNEpoch,
    limitTrainBatches: options.limitTrainBatches ?? undefined,
    limitValBatches: options.limitValBatches ?? undefined,
    logEveryNSteps: options.logEveryNSteps ?? 50,
    numSanityValSteps: options.numSanityValSteps ?? 2,
    validateOnTrainEnd: options.validateOnTrainEnd ?? true,
    callbacks: orderCallbacks(options.callbacks ?? []),
    loggers: options.loggers ?? [],
    checkpointsFolder: options.checkpointsFolder,
    specHash: options.specHash,
    compile: options.compile ?? runEagerly,
    signal: options.signal,
    print,
  };
  check(settings);
  return settings;
}

type Durations = Pick<TrainerSettings, "maxSteps" | "maxEpochs" | "minSteps" | "minEpochs">;

/** The four limits; -1 means unlimited, as in Lightning. */
function durations(options: TrainerOptions, print: (line: string) => void): Durations {
  const maxSteps = unlimited(options.maxSteps);
  let maxEpochs = unlimited(options.maxEpochs);
  if (options.maxEpochs === undefined || options.maxEpochs === null) {
    if (maxSteps === Infinity) {
      print(`Neither maxSteps nor maxEpochs is set: training for ${defaultMaxEpochs} epochs`);
      maxEpochs = defaultMaxEpochs;
    }
  }
  const minSteps = options.minSteps ?? 0;
  return { maxSteps, maxEpochs, minSteps, minEpochs: options.minEpochs ?? (minSteps > 0 ? 1 : 0) };
}

const unlimited = (value: number | null | undefined): number =>
  value === undefined || value === null || value === -1 ? Infinity : value;

function check(settings: TrainerSettings): void {
  const count = (name: keyof TrainerSettings, least: number, text = `an integer >= ${least}`) => {
    const value = settings[name];
    const fits = value === undefined || value === Infinity || isInteger(value, least);
    if (!fits) refuse(name, text, value);
  };
  if (!isInteger(settings.seed, 0) || settings.seed >= 2 ** 32) {
    refuse("seed", "an integer in [0, 2^32)", settings.seed);
  }
  count("maxSteps", 0, "an integer >= 0, or -1 for no limit");
  count("maxEpochs", 0, "an integer >= 0, or -1 for no limit");
  count("minSteps", 0);
  count("minEpochs", 0);
  count("accumulateGradBatches", 1);
  count("checkValEveryNEpoch", 1, "an integer >= 1, or null");
  count("logEveryNSteps", 0);
  count("numSanityValSteps", -1, "an integer >= 0, or -1 for all");
  const { gradientClipAlgorithm, gradientClipVal, valCheckInterval, checkValEveryNEpoch } =
    settings;
  if (gradientClipAlgorithm !== "norm" && gradientClipAlgorithm !== "value") {
    refuse("gradientClipAlgorithm", '"norm" or "value"', gradientClipAlgorithm);
  }
  if (Number.isNaN(gradientClipVal)) refuse("gradientClipVal", "a number", gradientClipVal);
  if (valCheckInterval === 0) refuse("valCheckInterval", partOrCount, valCheckInterval);
  for (const name of ["valCheckInterval", "limitTrainBatches", "limitValBatches"] as const) {
    const value = settings[name];
    if (value === undefined || isInteger(value, 0) || (value > 0 && value < 1)) continue;
    refuse(name, partOrCount, value);
  }
  if (checkValEveryNEpoch === undefined && !isInteger(valCheckInterval, 1)) {
    refuse(
      "valCheckInterval",
      "a whole number of steps, since checkValEveryNEpoch is null",
      valCheckInterval,
    );
  }
}

const partOrCount = "a whole number, or a fraction between 0 and 1";

const isInteger = (value: unknown, least: number): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least;

function refuse(name: keyof TrainerSettings, expected: string, got: unknown): never {
  throw new RangeError(`Cannot build Trainer: ${name} must be ${expected}, got ${String(got)}`);
}
