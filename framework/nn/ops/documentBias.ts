import * as tf from "@tensorflow/tfjs";

/** Added to a score it leaves a probability of exactly 0, also where all of a row have it. */
const hidden = -1e9;

/**
 * What is added to attention scores so that documents packed into one row do not see each other: 0
 * between tokens of one document, -1e9 between others. Padding is a document of its own.
 *
 * @param documents int32 `[batch, tokens]`: the number of each token's document, as
 *   `packedDataset` gives it
 * @returns `[batch, 1, tokens, tokens]`: queries, then keys
 */
export function documentBias(documents: tf.Tensor): tf.Tensor4D {
  const [batch = 1, tokens = 1] = documents.shape;
  return tf.tidy(() => {
    const queries = documents.reshape([batch, 1, tokens, 1]);
    const keys = documents.reshape([batch, 1, 1, tokens]);
    return tf.equal(queries, keys).toFloat().sub(1).mul<tf.Tensor4D>(-hidden);
  });
}
