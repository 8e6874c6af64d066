import type * as tf from "@tensorflow/tfjs";

import type { Initializer } from "./initializers.ts";
import { linear, type Layer, type LinearOptions } from "./layers.ts";
import * as ops from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";

interface ProjectionNames {
  q: string;
  k: string;
  v: string;
  out?: string;
}

export interface AttentionLayerOptions {
  /** Features of the tokens that ask, and of the result. */
  features: number;
  /** Features of the tokens that are asked; default `features`. */
  contextFeatures?: number;
  heads: number;
  /** Whether queries, keys and values have a bias. */
  bias?: boolean;
  causal?: boolean;
  /** Names of the projections; the default is diffusers'. Without `out`, none follows the heads. */
  names?: ProjectionNames;
  /** Weights of queries, keys and values. */
  initializer?: Initializer;
  /** Biases of queries, keys and values. */
  biasInitializer?: Initializer;
  outOptions?: LinearOptions;
}

const diffusersNames: ProjectionNames = { q: "to_q", k: "to_k", v: "to_v", out: "to_out.0" };

/**
 * Multi-head attention between projections.
 *
 * @returns a function of `[batch, tokens, features]` and the context
 * `[batch, contextTokens, contextFeatures]`, by default the tokens themselves, and of a mask that is
 * added to the scores, as `ops.attention` takes it
 * @throws {RangeError} when `heads` does not divide `features`
 */
export function attention(
  scope: ParameterScope,
  {
    features,
    contextFeatures = features,
    heads,
    bias = false,
    causal = false,
    names = diffusersNames,
    initializer,
    biasInitializer,
    outOptions = {},
  }: AttentionLayerOptions,
): (x: tf.Tensor, context?: tf.Tensor, mask?: tf.Tensor) => tf.Tensor {
  if (features % heads !== 0) {
    throw new RangeError(
      `Cannot build attention ${scope.pathOf("")}: ${heads} heads do not divide ${features} features`,
    );
  }
  const options = {
    bias,
    ...(initializer && { weightInitializer: initializer }),
    ...(biasInitializer && { biasInitializer }),
  };
  const toQ = linear(scope.at(names.q), features, features, options);
  const toK = linear(scope.at(names.k), contextFeatures, features, options);
  const toV = linear(scope.at(names.v), contextFeatures, features, options);
  const toOut: Layer =
    names.out === undefined
      ? (heads) => heads
      : linear(scope.at(names.out), features, features, outOptions);
  const scale = 1 / Math.sqrt(features / heads);
  return (x, context = x, mask) => {
    const [q, k, v] = [toQ(x), toK(context), toV(context)].map((all) => splitHeads(all, heads));
    const out = ops.attention(q!, k!, v!, { scale, causal, ...(mask && { mask }) });
    return toOut(out.transpose([0, 2, 1, 3]).reshape(x.shape));
  };
}

/** `[batch, tokens, features]` to `[batch, heads, tokens, features / heads]`. */
function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch = 1, tokens = 1, features = 1] = x.shape;
  return x.reshape([batch, tokens, heads, features / heads]).transpose([0, 2, 1, 3]);
}
