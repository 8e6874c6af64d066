import * as tf from "@tensorflow/tfjs";

import { attention } from "./attention.ts";
import { normal } from "./initializers.ts";
import { layerNorm, linear, type Layer } from "./layers.ts";
import type { ParameterScope } from "./parameterScope.ts";

export interface TextTimeEmbeddingOptions {
  /** Features of the text's tokens. */
  contextFeatures: number;
  /** Features of the time embedding that the result is added to. */
  timeFeatures: number;
  heads: number;
}

/**
 * One vector for a whole text, to be added to the time embedding, so that every residual block is
 * told what the picture shows.
 *
 * Source: diffusers' `addition_embed_type: text`, as DeepFloyd IF has it.
 * Parameters: `norm1`, `pool`, `proj`, `norm2`.
 *
 * @returns a function of `[batch, tokens, contextFeatures]` to `[batch, timeFeatures]`
 * @throws {RangeError} when `heads` does not divide `contextFeatures`
 */
export function textTimeEmbedding(
  scope: ParameterScope,
  { contextFeatures, timeFeatures, heads }: TextTimeEmbeddingOptions,
): Layer {
  const norm1 = layerNorm(scope.at("norm1"), contextFeatures);
  const pool = attentionPooling(scope.at("pool"), contextFeatures, heads);
  const proj = linear(scope.at("proj"), contextFeatures, timeFeatures);
  const norm2 = layerNorm(scope.at("norm2"), timeFeatures);
  return (context) => norm2(proj(pool(norm1(context))));
}

/**
 * What one more token, which starts as the mean of all, gathers from them and itself by attention.
 *
 * Parameters: `positional_embedding` `[1, features]`, `q_proj`, `k_proj`, `v_proj`.
 */
function attentionPooling(scope: ParameterScope, features: number, heads: number): Layer {
  const position = scope.parameter(
    "positional_embedding",
    [1, features],
    normal(1 / Math.sqrt(features)),
  );
  const gather = attention(scope, {
    features,
    heads,
    bias: true,
    names: { q: "q_proj", k: "k_proj", v: "v_proj" },
  });
  return (tokens) => {
    const gatherer = tokens.mean(1, true).add(position);
    return gather(gatherer, tf.concat([gatherer, tokens], 1)).squeeze([1]);
  };
}
