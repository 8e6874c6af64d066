import * as tf from "@tensorflow/tfjs";

/**
 * How far a student's distribution over the classes is from its teacher's.
 *
 * @param student logits, `[..., classes]`
 * @param teacher logits, the same shape; no gradient goes into them
 * @param temperature above 0: both logits are divided by it before the softmax
 * @returns a value for each position, `[...]`, in nats, not scaled by the temperature
 */
export type Divergence = (
  student: tf.Tensor,
  teacher: tf.Tensor,
  temperature?: number,
) => tf.Tensor;

/** Logarithms of softmax(logits / temperature). */
export function logProbabilities(logits: tf.Tensor, temperature = 1): tf.Tensor {
  return tf.logSoftmax(temperature === 1 ? logits : logits.div(temperature));
}

/** KL(p || q) of each position, from their logarithms. Source: Kullback & Leibler 1951. */
export function klDivergence(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  return logP.exp().mul(logP.sub(logQ)).sum(-1);
}

/** @throws {RangeError} when the two have no common shape, or the temperature is not positive */
export function checkLogits(student: tf.Tensor, teacher: tf.Tensor, temperature = 1): void {
  if (!tf.util.arraysEqual(student.shape, teacher.shape)) {
    throw new RangeError(
      `Cannot compare a student with its teacher: expected logits of one shape, got [${student.shape.join(", ")}] and [${teacher.shape.join(", ")}]; do both have the same vocabulary?`,
    );
  }
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new RangeError(
      `Cannot compare a student with its teacher: expected a temperature above 0, got ${temperature}`,
    );
  }
}
