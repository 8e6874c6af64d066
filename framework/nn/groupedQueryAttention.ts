import * as tf from "@tensorflow/tfjs";

import type { CausalMask } from "./attentionMask.ts";
import type { Initializer } from "./initializers.ts";
import { linear } from "./layers.ts";
import * as ops from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";
import { rotate, type Rotation } from "./rotaryEmbedding.ts";

export interface GroupedQueryAttentionOptions {
  features: number;
  /** Heads of queries. */
  heads: number;
  /** Heads of keys and values, a divisor of `heads`. */
  keyValueHeads: number;
  /** Width of a head. */
  headFeatures: number;
  qkvBias: boolean;
  outputBias: boolean;
  initializer: Initializer;
  outputInitializer: Initializer;
  biasInitializer: Initializer;
}

/** Rotated keys and values of a layer, each `[batch, keyValueHeads, tokens, headFeatures]`. */
export type KeysAndValues = { readonly keys: tf.Tensor; readonly values: tf.Tensor };

export interface AttentionContext {
  readonly rotation: Rotation;
  /** Of the tokens before these. */
  readonly cached?: KeysAndValues | undefined;
  readonly mask: CausalMask;
}

/** Attends, and gives the keys and values of all tokens so far. */
export type GroupedQueryAttention = (
  x: tf.Tensor,
  context: AttentionContext,
) => KeysAndValues & { readonly out: tf.Tensor };

/**
 * Self-attention whose query heads share keys and values in groups, with rotary positions.
 * Query head h reads keys and values of head `floor(h / (heads / keyValueHeads))`.
 *
 * Source: Ainslie et al. 2023, arXiv:2305.13245.
 *
 * @returns a function of `[batch, tokens, features]`
 */
export function groupedQueryAttention(
  scope: ParameterScope,
  options: GroupedQueryAttentionOptions,
): GroupedQueryAttention {
  const { features, heads, keyValueHeads, headFeatures, biasInitializer } = options;
  const projection = {
    bias: options.qkvBias,
    weightInitializer: options.initializer,
    biasInitializer,
  };
  const toQ = linear(scope.at("q_proj"), features, heads * headFeatures, projection);
  const toK = linear(scope.at("k_proj"), features, keyValueHeads * headFeatures, projection);
  const toV = linear(scope.at("v_proj"), features, keyValueHeads * headFeatures, projection);
  const toOut = linear(scope.at("o_proj"), heads * headFeatures, features, {
    bias: options.outputBias,
    weightInitializer: options.outputInitializer,
    biasInitializer,
  });
  const scale = 1 / Math.sqrt(headFeatures);
  const group = heads / keyValueHeads;
  return (x, { rotation, cached, mask }) => {
    const [batch = 1, tokens = 1] = x.shape;
    const q = rotate(splitHeads(toQ(x), heads), rotation);
    const newKeys = rotate(splitHeads(toK(x), keyValueHeads), rotation);
    const newValues = splitHeads(toV(x), keyValueHeads);
    const keys = cached ? tf.concat([cached.keys, newKeys], 2) : newKeys;
    const values = cached ? tf.concat([cached.values, newValues], 2) : newValues;
    const k = ops.repeatHeads(keys, group);
    const attended = ops.attention(q, k, ops.repeatHeads(values, group), { scale, ...mask });
    const joined = attended.transpose([0, 2, 1, 3]).reshape([batch, tokens, heads * headFeatures]);
    return { out: toOut(joined), keys, values };
  };
}

/** `[batch, tokens, heads * features]` to `[batch, heads, tokens, features]`. */
function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch = 1, tokens = 1, features = 1] = x.shape;
  return x.reshape([batch, tokens, heads, features / heads]).transpose([0, 2, 1, 3]);
}
