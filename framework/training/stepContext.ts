import type * as tf from "@tensorflow/tfjs";

import type { LogOptions } from "./logOptions.ts";

/** What a step may do beside returning its outputs, while it is being recorded. */
export interface StepContext {
  /** Index of the batch's loader among several, from 0. */
  readonly loaderIndex: number;
  /** Logs a scalar of each step; see `LogOptions`. */
  readonly log: (name: string, value: tf.Tensor | number, options?: LogOptions) => void;
  /** Logs several with the same options. */
  readonly logDict: (
    values: Readonly<Record<string, tf.Tensor | number>>,
    options?: LogOptions,
  ) => void;
}

/** An optimizer as a manual step sees it. */
export interface StepOptimizer {
  readonly name: string;
  /** What it updates. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** Updates its parameters; one without a gradient stays as it is. */
  step(gradients: ReadonlyMap<string, tf.Tensor>): void;
  /** Gradients of a loss by its parameters, and a step along them; gives the loss back. */
  minimize(loss: () => tf.Scalar): tf.Scalar;
}

/** What a step that steps its optimizers itself may do. */
export interface ManualStepContext extends StepContext {
  /** In the order of `configureOptimizers`. */
  readonly optimizers: readonly StepOptimizer[];
  /**
   * Gradients of a loss by some parameters; parameters it does not depend on have none. On several
   * workers they are means over these, and everything before is done again after a call.
   */
  gradients(
    loss: () => tf.Scalar,
    parameters: ReadonlyMap<string, tf.Variable>,
  ): { loss: tf.Scalar; gradients: Map<string, tf.Tensor> };
}
