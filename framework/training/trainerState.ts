import type * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import type { HostBatch } from "../base/hostTensor.ts";
import type { Interval } from "../base/interval.ts";
import type { StepFlops } from "../nn/stepFlops.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
} from "../tracking/logger.ts";
import type { AccumulationSchedule } from "./accumulationSchedule.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { LogOptions } from "./logOptions.ts";
import type { StagedGroup } from "./stagedGroup.ts";
import type { BaseModule } from "./trainingModule.ts";
import type { TrialOptions, TrialWork } from "./trial.ts";

/** What the Trainer was called for. */
export type Task = "fit" | "validate" | "test" | "predict";

/** What the Trainer is doing right now. */
export type Stage = "idle" | "sanity" | "train" | "validate" | "test" | "predict";

/** An optimizer of the fit, to look at. */
export interface RunningOptimizer {
  readonly name: string;
  readonly optimizer: Optimizer;
  /** Of the last (or running) step. */
  readonly learningRate: number;
  /** What its schedule counts. */
  readonly lrInterval: "step" | "epoch";
  /** What its learning rate is logged as, if the schedule says. */
  readonly lrName: string | undefined;
}

/** What hooks may read, and the few things they may ask for. */
export interface TrainerState {
  readonly task: Task;
  readonly stage: Stage;
  readonly module: BaseModule;
  readonly compile: Compile;
  /** This worker's number; others than 0 neither log, print nor save. */
  readonly globalRank: number;
  /** Workers that train together. */
  readonly worldSize: number;
  /** None before it is made. */
  readonly optimizers: readonly RunningOptimizer[];

  /** Optimizer steps finished so far. */
  readonly step: number;
  /** Optimizer steps of the last update: 1, unless a `manualTrainingStep` steps several optimizers. */
  readonly stepsTaken: number;
  /** Index of the running epoch, from 0; after the fit, the number of epochs. */
  readonly epoch: number;
  /** Index of the running batch in its epoch or validation, from 0. */
  readonly batchIndex: number;
  readonly batchesPerEpoch: number;
  /** Batches per optimizer step; a callback may set it at the start of an epoch. */
  accumulateGradBatches: number;
  /**
   * A callback sets this in `setup` to decide `accumulateGradBatches` for all epochs, so that the
   * steps that there will be are known, and with them what a part of the training is.
   */
  accumulationSchedule: AccumulationSchedule | undefined;
  /**
   * Batches of the evaluation that runs or was the last, of all its loaders; 0 before the first,
   * Infinity when a loader does not say.
   */
  readonly evaluationBatches: number;
  /** Samples in this worker's running batch: the length of its first axis. */
  readonly batchSize: number;
  /** Undefined: no limit. */
  readonly maxSteps: number | undefined;
  /** Steps the fit will take, as far as its limits tell; Infinity when they do not. */
  readonly estimatedSteps: number;
  /** Epochs the fit will take, the last perhaps in part; Infinity when its limits do not tell. */
  readonly estimatedEpochs: number;
  /** Mean loss over the batches of the last optimizer step. */
  readonly loss: number;
  /** Learning rate of the last (or running) step. */
  readonly learningRate: number;
  /**
   * A callback sets this to change an optimizer's factor on its learning rate, as its schedule gives
   * it, from the next step on. Not part of checkpoints: `onFitStart` of a resumed fit must set it
   * again.
   */
  changeLrFactor: ((factor: number, optimizer: string) => number) | undefined;
  /**
   * Puts a learning rate in the place of the optimizer's own, before its schedule; groups of
   * parameters keep their proportions to it. Part of checkpoints.
   *
   * @param optimizer by default the first
   */
  setLearningRate(learningRate: number, optimizer?: string): void;
  /**
   * Parameters that are frozen or trained apart, by a name of their callback's. A callback sets its
   * own between epochs. Not part of checkpoints: `onFitStart` of a resumed fit must set it again.
   */
  readonly stagedGroups: Map<string, StagedGroup>;
  /**
   * Trains on trial, in `onFitStart`: all that a checkpoint holds is put back after `work`, which
   * may decide something by what it saw. Hooks are not called, but for the recorded ones.
   *
   * @throws {Error} outside of a fit
   */
  tryTraining<Result>(work: TrialWork<Result>, options?: TrialOptions): Promise<Result>;
  /**
   * Sets running statistics in `otherState`, such as those of batch normalisation, to what they are
   * with the parameters as they are now, by an epoch of training data, without training. For
   * `onFitEnd`, where a callback has put other parameters in.
   *
   * @returns the names of the statistics
   */
  measureStatistics(): Promise<readonly string[]>;
  /** Optimizer steps per second lately, for display only. */
  readonly stepsPerSecond: number;
  /** Latest value of everything measured: `train/loss`, `val/...`, and what callbacks logged. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The step at which a metric was measured; undefined when it never was. */
  measuredAt(metric: string): number | undefined;

  /**
   * Whether a multiple of the interval was reached with the step just taken, the time before a
   * resume included.
   */
  isDue(interval: Interval): boolean;
  /** Whether the last batch ended with an optimizer update. */
  readonly stepFinished: boolean;
  /** Whether training metrics of the running step are logged. */
  readonly isLoggingStep: boolean;
  /** Whether the step just taken was the last of its epoch. */
  readonly epochEnded: boolean;
  /** Step of the last validation; undefined before the first. */
  readonly validatedAt: number | undefined;
  /** Whether validation runs at the end of every epoch, more or less often, or never. */
  readonly validation: "epochEnd" | "interval" | "never";
  /** Whether training ends with the running step. */
  readonly ending: boolean;

  /**
   * Ends the fit when so much training has been done, the time before a resume included, as
   * `maxTime` does; the first limit reached counts. For `onFitStart`; not part of checkpoints.
   *
   * @param at where the clock is looked at: after each optimizer step, or at the ends of epochs
   */
  limitTime(seconds: number, at: "step" | "epoch"): void;
  /** A callback sets this to end the fit after the current step, `minSteps` and `minEpochs` permitting. */
  shouldStop: boolean;

  /** Undefined: nothing is saved. */
  readonly checkpointsFolder: string | undefined;
  /** Checkpoint folder this fit continues. */
  readonly resumedFrom: string | undefined;
  /**
   * Asks for a checkpoint, written when all hooks of the running step are done, or those of
   * `onTrainEnd`. Of several workers any may ask, for all of them.
   *
   * @throws {Error} after these
   */
  saveCheckpoint(request?: CheckpointRequest): void;
  /**
   * Saves at once what the last finished step left; for `onException`. A fit that is resumed from
   * it does again what came after that step.
   *
   * @param error what `onException` was given; an interruption has a checkpoint of its own
   * @returns the checkpoint's name; undefined when nothing was trained, or when weights and moments
   *   cannot be told to be those of the last finished step, or saving fails, too, which is printed
   */
  saveAfterException(error: unknown, request?: CheckpointRequest): Promise<string | undefined>;
  /**
   * Waits until checkpoints of earlier steps are durable, and `onCheckpointSaved` was called for them:
   * a thread may still be writing. A callback waits in `wantsCheckpoint` before it changes what it keeps.
   *
   * @throws {Error} when one could not be written
   */
  checkpointsWritten(): Promise<void>;
  /**
   * Sets all of the module's weights to a checkpoint's, also those that are not trained. Of several
   * workers, which must all call it, rank 0 reads its own and gives the others the weights: they have
   * no checkpoints.
   *
   * @param checkpoint its folder; undefined on rank 0: the weights stay as they are
   * @throws {InputError} when the checkpoint is damaged, or of another model
   */
  restoreWeights(checkpoint: string | undefined): Promise<void>;
  /**
   * The same for `teardown` after a failure, when the checkpoint to resume from is written. Workers do it
   * together where all have failed alike: after an interruption, or of numbers that are not finite.
   * Where one has failed for itself, they no longer meet, and it is rank 0 alone that does it.
   *
   * @param error what `onException` was given
   * @returns whether this worker has the checkpoint's weights
   * @throws {InputError} when the checkpoint is damaged, or of another model
   */
  restoreAfterException(error: unknown, checkpoint: string | undefined): Promise<boolean>;
  /**
   * The name itself, or the first free one of `<name>-v1`, `<name>-v2` and so on. The name of the
   * very checkpoint of this step, left by a killed fit, is free.
   *
   * @param replaced checkpoints the caller no longer keeps; their names are free unless they were
   *   resumed from, or another callback keeps them
   */
  freeCheckpointName(name: string, replaced: readonly string[]): string;
  /**
   * Removes a saved checkpoint unless it is the last one, the one this fit was resumed from, or
   * some callback keeps it, or kept it when the last one was saved: a fit that is resumed from that
   * looks for it.
   */
  removeCheckpoint(name: string): void;

  /** What was logged with `progBar`, for showing. */
  readonly progressBarMetrics: Readonly<Record<string, number>>;
  /**
   * Logs a number, or inside a recorded hook a scalar; see `LogOptions`. Ignored in the sanity
   * check.
   */
  log(name: string, value: tf.Tensor | number, options?: LogOptions): void;
  /** Logs several with the same options. */
  logDict(values: Readonly<Record<string, tf.Tensor | number>>, options?: LogOptions): void;
  /**
   * The fit's first training batch, prepared as a step would get it; made anew, so that training
   * goes on as if nobody had asked.
   *
   * @throws {Error} outside of a fit
   */
  exampleBatch(): Promise<HostBatch>;
  /**
   * Floating-point operations of a training step on that batch; its updates are not counted.
   *
   * @throws {Error} outside of a fit
   */
  stepFlops(): Promise<StepFlops>;
  /** Where metrics go. */
  readonly loggers: readonly Logger[];
  logImages(key: string, images: readonly LoggedImage[]): Promise<void>;
  logHistogram(key: string, histogram: LoggedHistogram): Promise<void>;
  logText(key: string, text: string): Promise<void>;
  logTable(key: string, table: LoggedTable): Promise<void>;
  logPrCurve(key: string, curve: LoggedPrCurve): Promise<void>;
  /** A line for the person watching. */
  print(line: string): void;
  /** Runs `work` while the module holds the weights to publish (averaged ones, if any). */
  withExportWeights<Result>(work: () => Promise<Result>): Promise<Result>;
}
