import * as tf from "@tensorflow/tfjs";
import type { Optimizer, TrainingModule } from "seedbed";

/** One weight, 0 at first, that every step raises by 1; validation returns it. */
export function countingModule(): TrainingModule & { weight: tf.Variable } {
  const weight = tf.tidy(() => tf.variable(tf.scalar(0)));
  const value = (): tf.Scalar => weight.asScalar().clone();
  const learningRate = 1;
  return {
    weight,
    trainableParameters: () => new Map([["w", weight]]),
    configureOptimizers: () => ({ optimizer: descent(weight, learningRate) }),
    trainingStep: () => ({ loss: value().neg() }),
    validationStep: () => ({ "val/weight": value() }),
  };
}

const descent = (weight: tf.Variable, learningRate: number): Optimizer => ({
  name: "descent",
  learningRate,
  initialize() {},
  state: () => new Map(),
  hyperparameters: () => ({}),
  apply: (gradients: ReadonlyMap<string, tf.Tensor>) =>
    weight.assign(weight.sub(gradients.get("w")!)),
  dispose() {},
});
