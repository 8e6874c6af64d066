import type * as tf from "@tensorflow/tfjs";

import { attention } from "../nn/attention.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { layerNorm, linear, type Layer } from "../nn/layers.ts";
import { gelu, type GeluApproximation } from "../nn/ops/index.ts";
import type { ParameterScope } from "../nn/parameterScope.ts";
import type { ClipActivation, ClipLayerConfig } from "./clipLayerConfig.ts";

const approximations: Record<ClipActivation, GeluApproximation> = {
  quick_gelu: "quick",
  gelu: "none",
  gelu_new: "tanh",
  gelu_pytorch_tanh: "tanh",
};

const projectionNames = { q: "q_proj", k: "k_proj", v: "v_proj", out: "out_proj" };

/** Maps tokens to tokens; the mask is added to the scores of attention. */
export type TransformerLayer = (x: tf.Tensor, mask?: tf.Tensor) => tf.Tensor;

/**
 * A layer of CLIP's and SigLIP's towers: self-attention and feed-forward, each normalised first and on a
 * residual branch.
 *
 * @returns a function of `[batch, tokens, hidden_size]`, which gives the same shape
 */
export function clipLayer(
  scope: ParameterScope,
  config: ClipLayerConfig,
  { causal }: { causal: boolean },
): TransformerLayer {
  const { hidden_size: features, num_hidden_layers, initializer_factor: factor } = config;
  const depthDeviation = factor / Math.sqrt(features * 2 * num_hidden_layers);
  const norm = { epsilon: config.layer_norm_eps };
  const norm1 = layerNorm(scope.at("layer_norm1"), features, norm);
  const attend = attention(scope.at("self_attn"), {
    features,
    heads: config.num_attention_heads,
    bias: true,
    causal,
    names: projectionNames,
    initializer: normal(depthDeviation),
    biasInitializer: zeros,
    outOptions: { weightInitializer: normal(factor / Math.sqrt(features)), biasInitializer: zeros },
  });
  const norm2 = layerNorm(scope.at("layer_norm2"), features, norm);
  const feed = feedForward(scope.at("mlp"), config, depthDeviation);
  return (x, mask) => {
    const attended = x.add(attend(norm1(x), undefined, mask));
    return attended.add(feed(norm2(attended)));
  };
}

function feedForward(
  scope: ParameterScope,
  { hidden_size: features, intermediate_size: hidden, ...config }: ClipLayerConfig,
  deviation: number,
): Layer {
  const fc1 = linear(scope.at("fc1"), features, hidden, {
    weightInitializer: normal(config.initializer_factor / Math.sqrt(2 * features)),
    biasInitializer: zeros,
  });
  const fc2 = linear(scope.at("fc2"), hidden, features, {
    weightInitializer: normal(deviation),
    biasInitializer: zeros,
  });
  const approximation = approximations[config.hidden_act];
  return (x) => fc2(gelu(fc1(x), approximation));
}
