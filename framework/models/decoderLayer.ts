import type * as tf from "@tensorflow/tfjs";

import {
  groupedQueryAttention,
  type AttentionContext,
  type KeysAndValues,
} from "../nn/groupedQueryAttention.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { linear, rmsNorm, type Layer } from "../nn/layers.ts";
import { silu } from "../nn/ops/index.ts";
import type { ParameterScope } from "../nn/parameterScope.ts";
import type { DecoderConfig } from "./decoderConfig.ts";

/** Gives the features of the next layer, and the keys and values of all tokens so far. */
export type DecoderLayer = (
  x: tf.Tensor,
  context: AttentionContext,
) => KeysAndValues & { readonly hidden: tf.Tensor };

/** Self-attention and feed-forward, each normalised first and on a residual branch. */
export function decoderLayer(scope: ParameterScope, config: DecoderConfig): DecoderLayer {
  const { hidden_size: features, initializer_range } = config;
  const norm = { epsilon: config.rms_norm_eps };
  const initializer = normal(initializer_range);
  const norm1 = rmsNorm(scope.at("input_layernorm"), features, norm);
  const attend = groupedQueryAttention(scope.at("self_attn"), {
    features,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    headFeatures: config.head_dim,
    qkvBias: config.qkv_bias,
    outputBias: config.output_bias,
    initializer,
    outputInitializer: scope.zeroResiduals ? zeros : initializer,
    biasInitializer: zeros,
  });
  const norm2 = rmsNorm(scope.at("post_attention_layernorm"), features, norm);
  const feed = gatedFeedForward(scope.at("mlp"), config);
  return (x, context) => {
    const { out, keys, values } = attend(norm1(x), context);
    const attended = x.add(out);
    return { hidden: attended.add(feed(norm2(attended))), keys, values };
  };
}

/** SwiGLU. Source: Shazeer 2020, arXiv:2002.05202, eq. 6, with SiLU for Swish. */
function gatedFeedForward(
  scope: ParameterScope,
  { hidden_size: features, intermediate_size: hidden, mlp_bias: bias, ...config }: DecoderConfig,
): Layer {
  const initializer = normal(config.initializer_range);
  const options = { bias, weightInitializer: initializer, biasInitializer: zeros };
  const gate = linear(scope.at("gate_proj"), features, hidden, options);
  const up = linear(scope.at("up_proj"), features, hidden, options);
  const down = linear(scope.at("down_proj"), hidden, features, {
    ...options,
    weightInitializer: scope.zeroResiduals ? zeros : initializer,
  });
  return (x) => down(silu(gate(x)).mul(up(x)));
}
