import * as tf from "@tensorflow/tfjs";

export interface DynamicThresholdOptions {
  /** Quantile of the absolute values, in (0, 1]. */
  ratio: number;
  /** Largest threshold, >= 1. */
  most: number;
}

/**
 * Cuts each sample at a quantile of its absolute values, but not below 1 nor above `most`, and
 * divides by it.
 *
 * Source: Saharia et al. 2022, arXiv:2205.11487, section 2.3.
 *
 * @param samples `[batch, channels, height, width]`
 */
export function dynamicThreshold(
  samples: tf.Tensor4D,
  { ratio, most }: DynamicThresholdOptions,
): tf.Tensor4D {
  return tf.tidy(() => {
    const threshold = upperQuantile(samples.abs(), ratio).clipByValue(1, most);
    const scale = threshold.reshape<tf.Tensor4D>([-1, 1, 1, 1]);
    return tf.minimum(tf.maximum(samples, scale.neg()), scale).div<tf.Tensor4D>(scale);
  });
}

/** Between the two values next to it, by their distance, as PyTorch's `quantile`; `[batch]`. */
function upperQuantile(samples: tf.Tensor, ratio: number): tf.Tensor1D {
  const rows = samples.reshape<tf.Tensor2D>([samples.shape[0]!, -1]);
  const [batch, size] = rows.shape;
  const rank = ratio * (size - 1);
  const low = Math.floor(rank);
  const { values } = tf.topk(rows, size - low, true);
  const valueAt = (index: number): tf.Tensor1D =>
    values.slice([0, size - 1 - index], [batch, 1]).reshape([batch]);
  const high = Math.min(low + 1, size - 1);
  return valueAt(low).add(
    valueAt(high)
      .sub(valueAt(low))
      .mul(rank - low),
  );
}
