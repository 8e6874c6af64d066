import * as tf from "@tensorflow/tfjs";

/**
 * `squared` is the mean squared error, which peak signal-to-noise ratios measure. `detail` is the
 * mean absolute error, of pixels and of differences to the neighbours (Mathieu et al. 2016, eq. 6):
 * edges and dots stay sharp, where squares would rather blur them.
 */
export type ReconstructionLoss = "squared" | "detail";

/** Of two batches `[batch, channels, height, width]`. */
export const reconstructionLosses: Record<
  ReconstructionLoss,
  (decoded: tf.Tensor, image: tf.Tensor) => tf.Scalar
> = {
  squared: (decoded, image) => decoded.sub(image).square().mean().asScalar(),
  detail(decoded, image) {
    const error = decoded.sub(image) as tf.Tensor4D;
    const [, , height, width] = error.shape;
    const across = beside(error, [height, width - 1], [0, 1]);
    const down = beside(error, [height - 1, width], [1, 0]);
    return error.abs().mean().add(across.add(down)).asScalar();
  },
};

/** Mean absolute difference between values and those at an offset. */
function beside(x: tf.Tensor4D, [height, width]: number[], [dy, dx]: number[]): tf.Tensor {
  const [batch, channels] = x.shape;
  const size = [batch, channels, height!, width!];
  return x
    .slice([0, 0, dy!, dx!], size)
    .sub(x.slice([0, 0, 0, 0], size))
    .abs()
    .mean();
}
