import * as tf from "@tensorflow/tfjs";

/** Added to the scores of padding; finite, so that a row of padding alone has a softmax. */
const paddingScore = -1e9;

export interface AttentionMaskOptions {
  /** Number of queries, which belong to the last of the keys. */
  queries: number;
  keys: number;
  /** How many tokens back a query sees, its own included; null is all. */
  window?: number | null;
  /** int32 `[batch, keys]`: 0 where a key is padding that nobody sees. */
  padding?: tf.Tensor | undefined;
  /** Added to all scores, `[batch or 1, 1, queries, keys]`. */
  bias?: tf.Tensor | undefined;
}

/** Options of the attention operation. */
export interface CausalMask {
  causal: boolean;
  mask?: tf.Tensor;
}

/**
 * What queries see of the keys up to their own.
 *
 * @returns a mask `[batch or 1, 1, queries or 1, keys]`, none where causality says all
 */
export function causalMask(options: AttentionMaskOptions): CausalMask {
  const { queries, keys, window = null, padding, bias } = options;
  const causal = queries === keys;
  const isLimited = window !== null && window < keys;
  const masks = [
    ...(isLimited || !(causal || queries === 1) ? [bandMask(queries, keys, window ?? keys)] : []),
    ...(padding ? [paddingMask(padding)] : []),
    ...(bias ? [bias] : []),
  ];
  const mask = masks.length === 0 ? undefined : masks.reduce((sum, each) => sum.add(each));
  return mask === undefined ? { causal } : { causal, mask };
}

/** `[1, 1, queries, keys]`: 0 where a key is seen, minus infinity elsewhere. */
function bandMask(queries: number, keys: number, window: number): tf.Tensor {
  const first = keys - queries;
  const values = Float32Array.from({ length: queries * keys }, (_, index) => {
    const back = first + Math.floor(index / keys) - (index % keys);
    return back >= 0 && back < window ? 0 : -Infinity;
  });
  return tf.tensor4d(values, [1, 1, queries, keys]);
}

/**
 * What hides padding from all queries.
 *
 * @param padding int32 `[batch, keys]`: 0 where a key is padding
 * @returns `[batch, 1, 1, keys]`, to be added to the scores
 */
export function paddingMask(padding: tf.Tensor): tf.Tensor {
  const [batch = 1, keys = 1] = padding.shape;
  return padding.toFloat().sub(1).mul(-paddingScore).reshape([batch, 1, 1, keys]);
}
