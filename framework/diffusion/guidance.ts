import * as tf from "@tensorflow/tfjs";

/**
 * Classifier-free guidance of one batched pass: moves the prediction for the prompts away from the
 * unconditional one.
 *
 * Source: Ho & Salimans 2022, arXiv:2207.12598, eq. 6. The paper's `w` is `scale - 1`.
 *
 * @param predictions `[2 * batch, ...]`: first those without a prompt, then those with, in order
 * @param scale 1 is the plain prediction for the prompt; Stable Diffusion is usually run at 7.5
 * @returns `[batch, ...]`
 * @throws {RangeError} when the batch is odd
 */
export function classifierFreeGuidance(
  predictions: tf.Tensor4D,
  scale: tf.Scalar | number,
): tf.Tensor4D {
  const [both, ...sample] = predictions.shape;
  if (both % 2 !== 0) {
    throw new RangeError(
      `Cannot guide: expected unconditional and conditional predictions in one batch, got ${both}`,
    );
  }
  const half = both / 2;
  return tf.tidy(() => {
    const unconditional = predictions.slice([0, 0, 0, 0], [half, ...sample]);
    const conditional = predictions.slice([half, 0, 0, 0], [half, ...sample]);
    return unconditional.add<tf.Tensor4D>(conditional.sub(unconditional).mul(scale));
  });
}
