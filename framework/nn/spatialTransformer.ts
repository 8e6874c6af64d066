import * as tf from "@tensorflow/tfjs";

import { attention } from "./attention.ts";
import { zeros } from "./initializers.ts";
import { conv2d, groupNorm, layerNorm, linear, type Layer } from "./layers.ts";
import { gelu } from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";
import { toImage, toTokens } from "./spatial.ts";

/** Epsilon of the norm before the blocks, which no published config changes. */
const epsilon = 1e-6;
/** Width of the feed-forward layer, in widths of the tokens. */
const expansion = 4;

/** Maps tokens or an image, told by the context `[batch, contextTokens, contextFeatures]`. */
export type ConditionedLayer = (x: tf.Tensor, context: tf.Tensor) => tf.Tensor;

export interface SpatialTransformerOptions {
  channels: number;
  /** Features of the context. */
  contextFeatures: number;
  heads: number;
  /** Transformer blocks. */
  layers: number;
  /** Groups of the norm. */
  groups: number;
  /** Project tokens by linear layers instead of 1 x 1 convolutions, as Stable Diffusion 2 does. */
  linearProjection: boolean;
}

/**
 * Transformer blocks over the pixels, on a residual branch.
 *
 * Parameters: `norm`, `proj_in`, `transformer_blocks.N`, `proj_out`.
 */
export function spatialTransformer(
  scope: ParameterScope,
  { channels, contextFeatures, heads, layers, groups, linearProjection }: SpatialTransformerOptions,
): ConditionedLayer {
  const norm = groupNorm(scope.at("norm"), channels, { groups, epsilon });
  const blocks = Array.from({ length: layers }, (_, i) =>
    transformerBlock(scope.at(`transformer_blocks.${i}`), channels, contextFeatures, heads),
  );
  const run: ConditionedLayer = (tokens, context) =>
    blocks.reduce((hidden, block) => block(hidden, context), tokens);
  const [projIn, projOut] = [scope.at("proj_in"), scope.at("proj_out")];
  const last = scope.zeroResiduals ? zeros : undefined;
  if (linearProjection) {
    const into = linear(projIn, channels, channels);
    const out = linear(projOut, channels, channels, {
      ...(last && { weightInitializer: last, biasInitializer: last }),
    });
    return (x, context) => x.add(toImage(out(run(into(toTokens(norm(x))), context)), x));
  }
  const into = conv2d(projIn, channels, channels, { size: 1 });
  const out = conv2d(projOut, channels, channels, { size: 1, ...(last && { initializer: last }) });
  return (x, context) => x.add(out(toImage(run(toTokens(into(norm(x))), context), x)));
}

/**
 * Self-attention, attention to the context, feed-forward; each normalised first and on a residual
 * branch.
 *
 * Parameters: `norm1`, `attn1`, `norm2`, `attn2`, `norm3`, `ff`.
 */
export function transformerBlock(
  scope: ParameterScope,
  features: number,
  contextFeatures: number,
  heads: number,
): ConditionedLayer {
  const norm1 = layerNorm(scope.at("norm1"), features);
  const attn1 = attention(scope.at("attn1"), { features, heads });
  const norm2 = layerNorm(scope.at("norm2"), features);
  const attn2 = attention(scope.at("attn2"), { features, contextFeatures, heads });
  const norm3 = layerNorm(scope.at("norm3"), features);
  const feed = gegluFeedForward(scope.at("ff"), features);
  return (tokens, context) => {
    const self = tokens.add(attn1(norm1(tokens)));
    const cross = self.add(attn2(norm2(self), context));
    return cross.add(feed(norm3(cross)));
  };
}

/**
 * Feed-forward layer whose hidden units are gated by the GELU of as many others.
 *
 * Source: Shazeer 2020, arXiv:2002.05202.
 * Parameters: `net.0.proj` (values, then gates), `net.2`.
 */
export function gegluFeedForward(scope: ParameterScope, features: number): Layer {
  const hidden = expansion * features;
  const proj = linear(scope.at("net.0.proj"), features, 2 * hidden);
  const out = linear(scope.at("net.2"), hidden, features);
  return (x) => {
    const [values, gates] = tf.split(proj(x), 2, -1);
    return out(values!.mul(gelu(gates!)));
  };
}
