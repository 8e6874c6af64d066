import type * as tf from "@tensorflow/tfjs";

import type { Offload } from "./optimizers/offload.ts";

/** What a group of parameters is updated with, for display. */
export interface NamedLearningRate {
  /** The group's: `main`, `group1`, `group2`, and so on. */
  readonly name: string;
  readonly learningRate: number;
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
}

/** Makes a variable of zeros for an optimizer's state; `name` is what the state calls it. */
export type MakeState = (name: string, kind: Pick<tf.Tensor, "shape" | "dtype">) => tf.Variable;

/**
 * An update rule written in TF.js, so that it can be part of a compiled step. Its state is
 * variables, made by `initialize` and kept in checkpoints under `<slot>/<parameter name>`.
 */
export interface Optimizer {
  readonly name: string;
  /**
   * Looks whether these are parameters that the options speak of.
   *
   * @throws {InputError} when they are not
   */
  checkParameters?(names: readonly string[]): void;
  /**
   * Makes the state for these parameters, e.g. first and second moments, all zero; what it had is
   * given back. Several workers that divide the state give it their shares of the parameters.
   *
   * @param make default: in memory
   */
  initialize(parameters: ReadonlyMap<string, tf.Variable>, make?: MakeState): void;
  /** State by name; empty before `initialize`. */
  state(): ReadonlyMap<string, tf.Variable>;
  /**
   * Host numbers that change with the step (bias corrections and the like), handed to `apply` as
   * scalars so that a recorded step stays valid.
   *
   * @param step the update's number, from 1
   */
  hyperparameters(step: number, learningRate: number): Record<string, number>;
  /**
   * Assigns new values to parameters and state. Runs inside a compiled function. A parameter
   * without a gradient is left as it is.
   *
   * @param gradientScale factor on every gradient, default 1; carries norm clipping and the mean
   *   over accumulated batches
   */
  apply(
    gradients: ReadonlyMap<string, tf.Tensor>,
    hyperparameters: Readonly<Record<string, tf.Scalar>>,
    gradientScale?: tf.Scalar,
  ): void;
  /** Learning rate before any schedule. */
  readonly learningRate: number;
  /** Share of the last update, or of the first moment, that is kept; for display. */
  readonly momentum?: number;
  /** For display. */
  readonly weightDecay?: number;
  /** Where the Trainer is to keep the state, if not in memory. */
  readonly offload?: Offload | undefined;
  /**
   * The learning rate of each group of parameters, where there are groups.
   *
   * @param learningRate what `hyperparameters` is given for the step
   */
  learningRates?(learningRate: number): readonly NamedLearningRate[];
  dispose(): void;
}
