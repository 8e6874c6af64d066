import type { Compile } from "../base/compile.ts";
import type { LrSchedule } from "../optim/lrSchedule.ts";
import type { LoggedImage } from "../tracking/logger.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import type { TrainingModule } from "./trainingModule.ts";

/** What the Trainer is doing right now. */
export type Stage = "idle" | "sanity" | "train" | "validate";

/** What hooks may read, and the few things they may ask for. */
export interface TrainerState {
  readonly task: "fit" | "validate";
  readonly stage: Stage;
  readonly module: TrainingModule;
  readonly compile: Compile;
  /** Name of the optimizer, once it is made. */
  readonly optimizerName: string;

  /** Optimizer steps finished so far. */
  readonly step: number;
  /** Index of the running epoch, from 0; after the fit, the number of epochs. */
  readonly epoch: number;
  /** Index of the running batch in its epoch or validation, from 0. */
  readonly batchIndex: number;
  readonly batchesPerEpoch: number;
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
   * A callback sets this to change the optimizers' learning-rate schedules from the next step on.
   * Not part of checkpoints: `onFitStart` of a resumed fit must set it again.
   */
  changeLrSchedule: ((schedule: LrSchedule) => LrSchedule) | undefined;
  /** Optimizer steps per second lately, for display only. */
  readonly stepsPerSecond: number;
  /** Latest value of everything measured: `train/loss`, `val/...`, and what callbacks logged. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The step at which a metric was measured; undefined when it never was. */
  measuredAt(metric: string): number | undefined;

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

  /** A callback sets this to end the fit after the current step, `minSteps` and `minEpochs` permitting. */
  shouldStop: boolean;

  /** Undefined: nothing is saved. */
  readonly checkpointsFolder: string | undefined;
  /** Checkpoint folder this fit continues. */
  readonly resumedFrom: string | undefined;
  /** Asks for a checkpoint, written when all hooks of the running step are done. */
  saveCheckpoint(): void;
  /**
   * Saves at once what the last finished step left; for `onException`. A fit that is resumed from
   * it does again what came after that step.
   *
   * @returns the checkpoint's name; undefined when nothing was trained, or saving fails, too
   */
  saveAfterException(request?: CheckpointRequest): Promise<string | undefined>;
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

  /** Logs a number at the current step and makes it a metric; ignored in the sanity check. */
  log(name: string, value: number): void;
  logImages(key: string, images: readonly LoggedImage[]): Promise<void>;
  logText(key: string, text: string): Promise<void>;
  /** A line for the person watching. */
  print(line: string): void;
  /** Runs `work` while the module holds the weights to publish (averaged ones, if any). */
  withExportWeights<Result>(work: () => Promise<Result>): Promise<Result>;
}
