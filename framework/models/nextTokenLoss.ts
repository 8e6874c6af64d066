import * as tf from "@tensorflow/tfjs";

import { meanSoftmaxCrossEntropy } from "../nn/ops/index.ts";

/** Label of a position that counts for nothing, as in PyTorch. */
export const ignoredLabel = -100;

/**
 * Mean cross entropy of each token by the logits of the token before it.
 *
 * @param logits `[batch, tokens, classes]`
 * @param labels int32 `[batch, tokens]`: the ids, or -100 where a token counts for nothing
 * @returns a scalar; 0 when no token counts
 */
export function nextTokenLoss(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  return tf.tidy(() => meanSoftmaxCrossEntropy(logits, nextTokens(labels)));
}

/** Labels at the places of the logits that predict them: `[batch, tokens]`, ignored at the end. */
export function nextTokens(labels: tf.Tensor): tf.Tensor {
  const [batch = 1, tokens = 1] = labels.shape;
  return tf.tidy(() =>
    tf.concat(
      [labels.slice([0, 1], [batch, tokens - 1]), tf.fill([batch, 1], ignoredLabel, "int32")],
      1,
    ),
  );
}
