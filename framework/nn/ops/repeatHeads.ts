import * as tf from "@tensorflow/tfjs";

/**
 * Every head `times` times in a row, as queries that share keys and values need them. TF.js's own
 * gradient of `tile` adds up a slice for each repetition.
 *
 * @param x `[batch, heads, tokens, features]`
 * @returns `[batch, heads * times, tokens, features]`
 */
export function repeatHeads(x: tf.Tensor, times: number): tf.Tensor {
  if (times === 1) return x;
  const [batch = 1, heads = 1, tokens = 1, features = 1] = x.shape;
  const repeat = tf.customGrad(() => ({
    value: tf.tidy(() =>
      x
        .reshape([batch * heads, 1, tokens * features])
        .tile([1, times, 1])
        .reshape([batch, heads * times, tokens, features]),
    ),
    gradFunc: (dy) =>
      dy
        .reshape([batch * heads, times, tokens * features])
        .sum(1)
        .reshape([batch, heads, tokens, features]),
  }));
  return repeat(x);
}
