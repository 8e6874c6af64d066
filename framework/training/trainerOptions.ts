import { runEagerly, type Compile } from "../base/compile.ts";
import { parseInterval, type Interval, type IntervalUnit } from "../base/interval.ts";
import type { Precision } from "../base/precision.ts";
import { singleProcess, type World } from "../distributed/world.ts";
import type { ClipAlgorithm } from "../optim/clipping.ts";
import { defaultLossScaleOptions, type LossScaleOptions } from "../optim/lossScale.ts";
import type { Logger } from "../tracking/logger.ts";
import { silentLogger } from "../tracking/loggers/silentLogger.ts";
import { orderCallbacks, type Callback } from "./callback.ts";
import {
  checkpointSettings,
  type CheckpointOptions,
  type CheckpointSettings,
} from "./checkpointOptions.ts";
import { checkTrainerSettings } from "./checkTrainerSettings.ts";
import { resolveStrategy, type StrategyName, type StrategyOptions } from "./strategy.ts";
import { workerFolder } from "./workerFolder.ts";

/** What becomes of a step whose loss or gradients are not finite. */
export type OnNonFinite = "stop" | "skip" | "rollBack";

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
  /**
   * Stop after so much training, the time before a resume included: such as `30 min` or
   * `DD:HH:MM:SS`. The minima apply.
   */
  maxTime?: string | null | undefined;
  /** Batches per optimizer step; a shorter last window is averaged over its true count. */
  accumulateGradBatches?: number | undefined;
  /** Largest gradient norm or value; null, undefined or <= 0: no clipping. */
  gradientClipVal?: number | null | undefined;
  gradientClipAlgorithm?: ClipAlgorithm | undefined;
  /**
   * When to validate: a whole number counts optimizer steps, a fraction is a part of the epoch, a
   * text such as `500 batches`, `30 min` or `5 %` is an interval across epochs; null: at the end of the
   * epoch.
   */
  valCheckInterval?: number | string | null | undefined;
  /** Validate in every n-th epoch; null: a whole `valCheckInterval` counts across epochs. */
  checkValEveryNEpoch?: number | null | undefined;
  /** Whole number: so many batches; fraction: that part; null: all; 0: none. */
  limitTrainBatches?: number | null | undefined;
  limitValBatches?: number | null | undefined;
  limitTestBatches?: number | null | undefined;
  limitPredictBatches?: number | null | undefined;
  /**
   * Train on the same few batches in every epoch, and validate on as many: overrides
   * `limitTrainBatches` and `limitValBatches`; null or 0: off.
   */
  overfitBatches?: number | null | undefined;
  /**
   * Try everything once: so many batches of each kind in one epoch; true: one. Loggers, checkpoints
   * and callbacks that monitor or save are left out.
   */
  fastDevRun?: boolean | number | undefined;
  /** Steps, or a text such as `2000 samples`, `30 s` or `1 %`; 0: training metrics are not logged. */
  logEveryNSteps?: number | string | undefined;
  /** Validation batches run before training; 0: none, -1: all. */
  numSanityValSteps?: number | undefined;
  /** Validate once more when training ends between two validations. */
  validateOnTrainEnd?: boolean | undefined;
  /**
   * Run training steps uncompiled and look at what every kernel gives: the first NaN or infinity is
   * an error that names its kernel. Slow.
   */
  detectAnomaly?: boolean | undefined;
  /**
   * What becomes of a step whose loss or gradients are NaN or infinite: `stop` ends the fit with an
   * error, `skip` leaves the step out: it counts, but changes nothing. `rollBack` gives the model what
   * it had at the last checkpoint that was asked for, or when the fit began, and goes on with the
   * batches that follow; it needs a `checkpointsFolder`. `16-mixed` always skips steps whose gradients
   * are not finite while their loss is.
   */
  onNonFinite?: OnNonFinite | undefined;
  /** Roll backs in a row, without a good checkpoint in between, before the fit ends all the same. */
  maxRollBacks?: number | undefined;
  /** Print what took how long at the end of the fit; `advanced`: with each action's longest call. */
  profiler?: "simple" | "advanced" | null | undefined;
  /**
   * `16-mixed` and `bf16-mixed`: products and convolutions of steps in half precision, all else in
   * float32, which 32 and `32-true` have for everything.
   */
  precision?: Precision | 32 | undefined;
  /** How the factor on the loss moves in `16-mixed`. */
  lossScale?: Partial<LossScaleOptions> | undefined;
  /**
   * `mpi`: several workers, which `world` connects. `auto`: so if `world` has several. With
   * `shardOptimizer` these divide the optimizer's state and work among them.
   */
  strategy?: StrategyName | StrategyOptions | undefined;
  /** Workers that there must be; `auto`: as many as there are. */
  devices?: number | "auto" | undefined;
  /**
   * The workers that train together, each calling the same methods with the same options. Rank 0
   * logs, prints and saves for all. Default: this process alone.
   */
  world?: World | undefined;
  /** Nothing here depends on chance, so false changes nothing. */
  deterministic?: boolean | undefined;
  callbacks?: readonly Callback[] | undefined;
  loggers?: readonly Logger[] | undefined;
  /** Where checkpoints go; undefined: none can be saved. */
  checkpointsFolder?: string | undefined;
  /** How checkpoints are written. */
  checkpoints?: Partial<CheckpointOptions> | undefined;
  /** Written to checkpoints, so that a resuming program can compare it with its own. */
  specHash?: string | undefined;
  /** Written to checkpoints for whoever finds one without its run. */
  spec?: Readonly<Record<string, unknown>> | undefined;
  compile?: Compile | undefined;
  /** Aborted: the running step is finished, a checkpoint saved, and `InterruptedError` thrown. */
  signal?: AbortSignal | undefined;
  print?: ((line: string) => void) | undefined;
  /** Clock in ms, for `maxTime`. */
  now?: (() => number) | undefined;
}

/** Options checked and complete; Infinity is no limit. */
export interface TrainerSettings {
  readonly seed: number;
  readonly maxSteps: number;
  readonly maxEpochs: number;
  readonly minSteps: number;
  readonly minEpochs: number;
  readonly maxTimeSeconds: number;
  readonly accumulateGradBatches: number;
  readonly gradientClipVal: number | undefined;
  readonly gradientClipAlgorithm: ClipAlgorithm;
  readonly valCheckInterval: number | undefined;
  /** In the place of `valCheckInterval`. */
  readonly validationInterval: Interval | undefined;
  readonly checkValEveryNEpoch: number | undefined;
  readonly limitTrainBatches: number | undefined;
  readonly limitValBatches: number | undefined;
  readonly limitTestBatches: number | undefined;
  readonly limitPredictBatches: number | undefined;
  readonly overfitBatches: number | undefined;
  readonly fastDevRun: boolean;
  /** Undefined: never. */
  readonly logInterval: Interval | undefined;
  readonly numSanityValSteps: number;
  readonly validateOnTrainEnd: boolean;
  readonly detectAnomaly: boolean;
  readonly onNonFinite: OnNonFinite;
  readonly maxRollBacks: number;
  readonly profiler: "simple" | "advanced" | null;
  readonly precision: Precision;
  readonly lossScale: LossScaleOptions;
  readonly strategy: string;
  /** Several workers divide the optimizer's state and work among them. */
  readonly shardOptimizer: boolean;
  readonly devices: number | string;
  readonly world: World;
  readonly callbacks: readonly Callback[];
  readonly loggers: readonly Logger[];
  readonly checkpointsFolder: string | undefined;
  readonly checkpoints: CheckpointSettings;
  readonly specHash: string | undefined;
  readonly spec: Readonly<Record<string, unknown>> | undefined;
  readonly compile: Compile;
  readonly signal: AbortSignal | undefined;
  readonly print: (line: string) => void;
  readonly now: () => number;
}

const defaultMaxEpochs = 1000;
const defaultMaxRollBacks = 3;

/** @throws {RangeError} naming the first option that cannot be used */
export function resolveTrainerOptions(given: TrainerOptions): TrainerSettings {
  const options = { ...given, ...tryOut(given) };
  const { world = singleProcess } = options;
  const speaks = world.rank === 0;
  const { print = console.log } = speaks ? options : { print: () => {} };
  const settings: TrainerSettings = {
    seed: options.seed ?? 0,
    ...durations(options, print),
    accumulateGradBatches: options.accumulateGradBatches ?? 1,
    gradientClipVal: options.gradientClipVal ?? undefined,
    gradientClipAlgorithm: options.gradientClipAlgorithm ?? "norm",
    ...validationIntervals(options),
    ...limits(options),
    fastDevRun: Boolean(options.fastDevRun),
    logInterval: logInterval(options.logEveryNSteps ?? 50),
    numSanityValSteps: options.numSanityValSteps ?? 2,
    validateOnTrainEnd: options.validateOnTrainEnd ?? true,
    detectAnomaly: options.detectAnomaly ?? false,
    onNonFinite: options.onNonFinite ?? "stop",
    maxRollBacks: options.maxRollBacks ?? defaultMaxRollBacks,
    profiler: options.profiler ?? null,
    precision: options.precision === 32 ? "32-true" : (options.precision ?? "32-true"),
    lossScale: { ...defaultLossScaleOptions, ...options.lossScale },
    ...resolveStrategy(options.strategy),
    devices: options.devices ?? "auto",
    world,
    callbacks: orderCallbacks(options.callbacks ?? []),
    loggers: speaks ? (options.loggers ?? []) : [silentLogger],
    checkpointsFolder: workerFolder(options.checkpointsFolder, world),
    checkpoints: checkpointSettings(options.checkpoints),
    specHash: options.specHash,
    spec: options.spec,
    compile: options.compile ?? runEagerly,
    signal: options.signal,
    print,
    now: options.now ?? (() => performance.now()),
  };
  checkTrainerSettings(settings);
  return settings;
}

/** What `fastDevRun` sets. */
function tryOut(given: TrainerOptions): TrainerOptions {
  const { fastDevRun = false, callbacks = [] } = given;
  const batches = Number(fastDevRun);
  if (batches === 0) return {};
  if (!Number.isSafeInteger(batches) || batches < 0) {
    throw new RangeError(
      `Cannot build Trainer: fastDevRun must be true, false or an integer >= 0, got ${fastDevRun}`,
    );
  }
  return {
    maxSteps: batches,
    maxEpochs: 1,
    limitTrainBatches: batches,
    limitValBatches: batches,
    limitTestBatches: batches,
    limitPredictBatches: batches,
    overfitBatches: null,
    valCheckInterval: null,
    checkValEveryNEpoch: 1,
    numSanityValSteps: 0,
    loggers: [],
    checkpointsFolder: undefined,
    onNonFinite: given.onNonFinite === "rollBack" ? "stop" : given.onNonFinite,
    callbacks: callbacks.filter(({ kind }) => kind === undefined),
  };
}

type Limits = Pick<
  TrainerSettings,
  | "limitTrainBatches"
  | "limitValBatches"
  | "limitTestBatches"
  | "limitPredictBatches"
  | "overfitBatches"
>;

function limits(options: TrainerOptions): Limits {
  const overfitBatches = options.overfitBatches || undefined;
  return {
    limitTrainBatches: overfitBatches ?? options.limitTrainBatches ?? undefined,
    limitValBatches: overfitBatches ?? options.limitValBatches ?? undefined,
    limitTestBatches: options.limitTestBatches ?? undefined,
    limitPredictBatches: options.limitPredictBatches ?? undefined,
    overfitBatches,
  };
}

type Durations = Pick<
  TrainerSettings,
  "maxSteps" | "maxEpochs" | "minSteps" | "minEpochs" | "maxTimeSeconds"
>;

/** The limits; -1 means unlimited, as in Lightning. */
function durations(options: TrainerOptions, print: (line: string) => void): Durations {
  const maxSteps = limitOf(options.maxSteps);
  const maxTimeSeconds = maxSeconds(options.maxTime);
  let maxEpochs = limitOf(options.maxEpochs);
  if (options.maxEpochs === undefined || options.maxEpochs === null) {
    if (maxSteps === Infinity && maxTimeSeconds === Infinity) {
      print(
        `None of maxSteps, maxEpochs and maxTime is set: training for ${defaultMaxEpochs} epochs`,
      );
      maxEpochs = defaultMaxEpochs;
    }
  }
  const minSteps = options.minSteps ?? 0;
  const minEpochs = options.minEpochs ?? (minSteps > 0 ? 1 : 0);
  return { maxSteps, maxEpochs, minSteps, minEpochs, maxTimeSeconds };
}

/** Texts are intervals; numbers have a meaning of their own. */
function readInterval<Value>(
  option: string,
  value: Value | string,
  units?: readonly IntervalUnit[],
): Value | Interval {
  if (typeof value !== "string") return value;
  try {
    return parseInterval(value, units);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Cannot build Trainer: ${option}: ${problem}`, { cause });
  }
}

type ValidationIntervals = Pick<
  TrainerSettings,
  "valCheckInterval" | "validationInterval" | "checkValEveryNEpoch"
>;

function validationIntervals({
  valCheckInterval,
  checkValEveryNEpoch = 1,
}: TrainerOptions): ValidationIntervals {
  const interval = readInterval("valCheckInterval", valCheckInterval ?? undefined);
  return {
    valCheckInterval: typeof interval === "object" ? undefined : interval,
    validationInterval: typeof interval === "object" ? interval : undefined,
    checkValEveryNEpoch: checkValEveryNEpoch ?? undefined,
  };
}

function maxSeconds(maxTime: string | null | undefined): number {
  const interval = readInterval("maxTime", maxTime ?? null, ["seconds"]);
  return interval === null ? Infinity : interval.count;
}

function logInterval(value: number | string): Interval | undefined {
  const count = readInterval("logEveryNSteps", value);
  if (typeof count !== "number") return count;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(
      `Cannot build Trainer: logEveryNSteps must be an integer >= 0 or an interval, got ${count}`,
    );
  }
  return count === 0 ? undefined : { count, unit: "steps" };
}

/** As settings have it; null and -1 are no limit. */
export const limitOf = (value: number | null | undefined): number =>
  value === undefined || value === null || value === -1 ? Infinity : value;
