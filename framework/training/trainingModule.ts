import type * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";
import type { ClipAlgorithm, ClippedGradients } from "../optim/clipping.ts";
import type { LrSchedule, LrScheduleConfig } from "../optim/lrSchedule.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Callback } from "./callback.ts";
import type { Gradients, Hooks } from "./hooks.ts";
import type { ManualStepContext, StepContext } from "./stepContext.ts";

/** Named parameters in a fixed order; the names are those of the published checkpoints. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** What a step gives back: `loss` is minimised, everything else is logged under its name. */
export type StepOutput = { loss: tf.Scalar } & Record<string, tf.Scalar>;

/** What batches are for. */
export type BatchStage = "train" | "validate" | "test" | "predict";

/** An optimizer and what it updates. */
export interface OptimizerConfig {
  readonly optimizer: Optimizer;
  readonly lrSchedule?: LrSchedule | LrScheduleConfig;
  /** Tells several apart in checkpoints and metrics. Default: the optimizer's name. */
  readonly name?: string;
  /** Some of the trainable parameters. Default: all. */
  readonly parameters?: NamedVariables;
}

/** What modules have in common, whoever updates their parameters. */
export interface BaseModule extends Hooks {
  /** What is trained: gradients and moments exist for these alone. Fixed for the whole fit. */
  trainableParameters(): NamedVariables;
  /** What a checkpoint must hold beside the trainable parameters; usually nothing. */
  otherState?(): NamedVariables;
  /** What else the model has, for display: it is neither trained nor part of checkpoints. */
  frozenParameters?(): NamedVariables;
  /** Several only with `manualTrainingStep`. */
  configureOptimizers(): OptimizerConfig | readonly OptimizerConfig[];
  /**
   * Callbacks that belong to the module, made anew for each task: they come after the Trainer's of
   * their kind, and replace those of the same name.
   */
  configureCallbacks?(): readonly Callback[];
  /**
   * Adds noise, timesteps and the like to a batch. `random` is keyed by (seed, stage, batch
   * position), so the same position always draws the same numbers. Where workers train together it
   * is given as many rows as all of them have, in the others' places copies of its own, and what it
   * makes for its own rows is kept: so all draw what one process would draw for the same examples.
   */
  prepareBatch?(
    batch: HostBatch,
    random: RandomStream,
    stage: BatchStage,
  ): HostBatch | Promise<HostBatch>;
  /**
   * Whether `prepareBatch` reads the parameters, such as for samples of the model. A training batch
   * is then prepared right before its step, with what the step before it has left, and not ahead.
   */
  readonly preparesWithParameters?: boolean;
  /** What it returns is logged as the epoch's mean; keys such as `val/loss`. */
  validationStep?(batch: tf.NamedTensorMap, context: StepContext): Record<string, tf.Scalar>;
  /** As `validationStep`; keys such as `test/loss`. */
  testStep?(batch: tf.NamedTensorMap, context: StepContext): Record<string, tf.Scalar>;
  /** Predictions, the batch along their first axis. */
  predictStep?(batch: tf.NamedTensorMap, context: StepContext): tf.NamedTensorMap;
}

/** What the Trainer's settings say of clipping. */
export interface GradientClipping {
  readonly gradientClipVal: number | undefined;
  readonly gradientClipAlgorithm: ClipAlgorithm;
}

/**
 * A model with its losses: what an experiment's author writes.
 *
 * The steps are pure TF.js and are recorded once: no reading of values, no randomness. Random
 * numbers are drawn on the host in `prepareBatch` and arrive as inputs. The hooks are called after
 * those of the callbacks.
 */
export interface TrainingModule extends BaseModule {
  /** Outputs beside the loss are logged as `train/<name>`, means over the accumulation window. */
  trainingStep(batch: tf.NamedTensorMap, context: StepContext): StepOutput;
  /**
   * Clips gradients, in the place of the Trainer: recorded with the step, after
   * `onBeforeOptimizerStep`, whose arguments it is given, also when `gradientClipVal` asks for
   * nothing. `clipGradients` is what the Trainer does.
   */
  configureGradientClipping?(
    gradients: Gradients,
    scale: tf.Scalar | undefined,
    settings: GradientClipping,
  ): ClippedGradients;
}

/** A module that decides itself which optimizer updates what: Lightning's manual optimization. */
export interface ManualTrainingModule extends BaseModule {
  /**
   * Computes gradients and steps the optimizers, each at most once. What it returns is logged as
   * `train/<name>`; `loss`, if there, is also the progress bar's.
   */
  manualTrainingStep(
    batch: tf.NamedTensorMap,
    context: ManualStepContext,
  ): Record<string, tf.Scalar>;
}
