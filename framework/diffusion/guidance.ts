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

/**
 * Brings guided predictions back to the standard deviation that those for the prompts have, each
 * image for itself: strong guidance at a schedule that reaches pure noise overexposes otherwise.
 *
 * Source: Lin et al. 2023, arXiv:2305.08891, eq. 14-16.
 *
 * @param guided `[batch, ...]`
 * @param predictions `[2 * batch, ...]` that were guided, as `classifierFreeGuidance` takes them
 * @param share 0 leaves `guided`, 1 rescales fully; the paper recommends 0.7
 */
export function rescaleGuidance(
  guided: tf.Tensor4D,
  predictions: tf.Tensor4D,
  share: tf.Scalar | number,
): tf.Tensor4D {
  const [batch, ...sample] = guided.shape;
  return tf.tidy(() => {
    const conditional = predictions.slice([batch, 0, 0, 0], [batch, ...sample]);
    const ratio = deviation(conditional).div(deviation(guided));
    return guided.add<tf.Tensor4D>(guided.mul(ratio).sub(guided).mul(share));
  });
}

/** Standard deviation of each image, `[batch, 1, 1, 1]`. The ratio of two needs no Bessel's factor. */
function deviation(x: tf.Tensor4D): tf.Tensor {
  const centred = x.sub(x.mean([1, 2, 3], true));
  return centred.square().mean([1, 2, 3], true).sqrt();
}
