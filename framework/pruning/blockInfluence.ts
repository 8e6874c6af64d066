import * as tf from "@tensorflow/tfjs";

/**
 * How much a layer changes what passes through it: 1 - the mean cosine between the features before
 * and after it, over all tokens. A layer of little influence is one to drop.
 *
 * Source: Men et al. 2024 (ShortGPT), arXiv:2403.03853, eq. 1.
 *
 * @param before `[batch, tokens, features]`
 * @param after of the same shape, before any final norm
 * @returns a scalar from 0 to 2
 */
export function blockInfluence(before: tf.Tensor, after: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const norm = (x: tf.Tensor): tf.Tensor => x.square().sum(-1).sqrt();
    const cosines = before
      .mul(after)
      .sum(-1)
      .div(norm(before).mul(norm(after)));
    return tf.scalar(1).sub(cosines.mean());
  });
}
