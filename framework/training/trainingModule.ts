import type * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";
import type { LrSchedule } from "../optim/lrSchedule.ts";
import type { Optimizer } from "../optim/optimizer.ts";

/** Named parameters in a fixed order; the names are those of the published checkpoints. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** What a step gives back: `loss` is minimised, everything else is logged under its name. */
export type StepOutput = { loss: tf.Scalar } & Record<string, tf.Scalar>;

/**
 * A model with its losses: what an experiment's author writes.
 *
 * `trainingStep` and `validationStep` are pure TF.js and are recorded once: no reading of values,
 * no randomness. Random numbers are drawn on the host in `prepareBatch` and arrive as inputs.
 */
export interface TrainingModule {
  /** What is trained: gradients and moments exist for these alone. Fixed for the whole fit. */
  trainableParameters(): NamedVariables;
  /** What a checkpoint must hold beside the trainable parameters; usually nothing. */
  otherState?(): NamedVariables;
  configureOptimizers(): { optimizer: Optimizer; lrSchedule?: LrSchedule };
  /**
   * Adds noise, timesteps and the like to a batch. `random` is keyed by (seed, stage, batch
   * position), so the same position always draws the same numbers.
   */
  prepareBatch?(
    batch: HostBatch,
    random: RandomStream,
    stage: "train" | "validate",
  ): HostBatch | Promise<HostBatch>;
  trainingStep(batch: tf.NamedTensorMap): StepOutput;
  /** Mean metrics of one batch, keys such as `val/loss`. */
  validationStep?(batch: tf.NamedTensorMap): Record<string, tf.Scalar>;
}
