import * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../base/hostTensor.ts";

/** Marks the inputs that are not the batch's. */
const prefix = "optimizer/";

/** Input of a step whose loss has a scale. */
export const lossScaleInput = "lossScale";
/** Input of an update: NaN where a loss that belongs to it is known not to be finite, 0 otherwise. */
export const lossesInput = "lossesCheck";
/** Output of a step whose loss has a scale: finite if all gradients are. Not for the log. */
export const checkOutput = "gradientCheck";

/** The update at the end of a window of batches. */
export interface Update {
  /** Of each optimizer, in their order. */
  readonly hyperparameters: readonly Readonly<Record<string, number>>[];
  /** Batches in the window, this one included. */
  readonly batches: number;
}

/** The compiled functions that train on one batch. */
export interface BatchStep {
  /** Optimizer steps that one update counts for; an estimate until a batch has run. */
  readonly stepsPerUpdate: number;
  /**
   * Trains on one batch.
   *
   * @param update undefined inside an accumulation window
   * @returns the step's outputs
   */
  run(batch: HostBatch, update: Update | undefined): Promise<Record<string, number>>;
  /** Forgets gradients of a window that was not finished. */
  clear(): void;
  dispose(): void;
}

/** Numbers that change from step to step, as inputs of the compiled function. */
export function updateInputs(
  hyperparameters: Update["hyperparameters"],
  others: Readonly<Record<string, number>> = {},
): tf.NamedTensorMap {
  const inputs: tf.NamedTensorMap = {};
  for (const [i, numbers] of hyperparameters.entries()) {
    for (const [name, value] of Object.entries(numbers)) {
      inputs[`${prefix}${i}/${name}`] = tf.scalar(value);
    }
  }
  for (const [name, value] of Object.entries(others)) inputs[prefix + name] = tf.scalar(value);
  return inputs;
}

/** Undoes `updateInputs` inside the compiled function. */
export function splitInputs(inputs: tf.NamedTensorMap): {
  batch: tf.NamedTensorMap;
  /** Of one optimizer. */
  hyperparameters: (optimizer: number) => Record<string, tf.Scalar>;
  other: (name: string) => tf.Scalar | undefined;
} {
  const entries = Object.entries(inputs);
  return {
    batch: Object.fromEntries(entries.filter(([name]) => !name.startsWith(prefix))),
    hyperparameters(optimizer) {
      const own = `${prefix}${optimizer}/`;
      return Object.fromEntries(
        entries
          .filter(([name]) => name.startsWith(own))
          .map(([name, tensor]) => [name.slice(own.length), tensor.asScalar()]),
      );
    },
    other: (name) => inputs[prefix + name]?.asScalar(),
  };
}
