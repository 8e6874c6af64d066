import * as tf from "@tensorflow/tfjs";

import { embedding } from "../nn/ops/embedding.ts";

/** What is kept of a teacher's logits. */
export interface TopKLogits {
  /** float32 `[..., k]`, the largest first. */
  readonly values: tf.Tensor;
  /** int32 `[..., k]`: which classes they are of. */
  readonly indices: tf.Tensor;
}

/**
 * The k largest logits of each position, for a teacher that is asked once and stored.
 *
 * @param logits `[..., classes]`
 * @throws {RangeError} when there are fewer classes than k
 */
export function topKLogits(logits: tf.Tensor, k: number): TopKLogits {
  const classes = logits.shape.at(-1) ?? 0;
  if (!(Number.isInteger(k) && k >= 1 && k <= classes)) {
    throw new RangeError(
      `Cannot keep a teacher's largest logits: expected 1 to ${classes} of them, got ${k}`,
    );
  }
  return tf.topk(logits, k);
}

/**
 * A student's logits at the classes that its teacher's were kept of. A divergence of the two then
 * compares distributions over these classes alone, each renormalised.
 *
 * @param student `[..., classes]`
 * @param indices int32 `[..., k]`
 * @returns `[..., k]`
 */
export function pickLogits(student: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const classes = student.shape.at(-1) ?? 0;
  const k = indices.shape.at(-1) ?? 0;
  return tf.tidy(() => {
    const rows = student.size / classes;
    const firsts = tf.range(0, rows, 1, "int32").mul(tf.scalar(classes, "int32"));
    const places = indices.toInt().reshape([rows, k]).add(firsts.expandDims(1)).reshape([-1]);
    // A row of one feature for each logit: its gradient goes to the places that were picked alone.
    return embedding(student.reshape([-1, 1]), places).reshape(indices.shape);
  });
}
