import * as tf from "@tensorflow/tfjs";

/**
 * Mean of a loss over the positions that have a label; 0 when none has.
 *
 * @param losses float32, a value for each position
 * @param labels int32 of the same shape; `ignoreIndex` where there is nothing to learn
 * @returns a scalar
 * @throws {RangeError} when the shapes differ
 */
export function meanOverLabels(
  losses: tf.Tensor,
  labels: tf.Tensor,
  ignoreIndex = -100,
): tf.Scalar {
  if (!tf.util.arraysEqual(losses.shape, labels.shape)) {
    throw new RangeError(
      `Cannot take the mean over labels: expected a label for each loss, got [${losses.shape.join(", ")}] and labels [${labels.shape.join(", ")}]`,
    );
  }
  return tf.tidy(() => {
    const isCounted = tf.notEqual(labels, tf.scalar(ignoreIndex, "int32"));
    const counted = tf.where(isCounted, losses, tf.zerosLike(losses)).sum();
    return counted.div<tf.Scalar>(isCounted.toFloat().sum().maximum(1));
  });
}
