import * as tf from "@tensorflow/tfjs";

import { fanInUniform, normal, ones, zeros, type Initializer } from "./initializers.ts";
import { wrappable } from "./layerWrappers.ts";
import * as ops from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";

/** Maps one tensor to another; its parameters are in the scope it was made in. */
export type Layer = (x: tf.Tensor) => tf.Tensor;

export interface LinearOptions {
  bias?: boolean;
  /** Default: PyTorch's. */
  weightInitializer?: Initializer;
  biasInitializer?: Initializer;
}

/**
 * `x W^T + b` on the last axis.
 *
 * Parameters: `weight` `[outputs, inputs]`, `bias` `[outputs]`.
 */
export function linear(
  scope: ParameterScope,
  inputs: number,
  outputs: number,
  {
    bias = true,
    weightInitializer = fanInUniform(inputs),
    biasInitializer = fanInUniform(inputs),
  }: LinearOptions = {},
): Layer {
  const weight = scope.parameter("weight", [outputs, inputs], weightInitializer);
  const offset = bias ? scope.parameter("bias", [outputs], biasInitializer) : undefined;
  const multiply = (x: tf.Tensor, by: tf.Tensor, plus?: tf.Tensor): tf.Tensor => {
    const product = tf.matMul(x.reshape([-1, inputs]), by, false, true);
    const y = plus ? product.add(plus) : product;
    return y.reshape([...x.shape.slice(0, -1), by.shape[0]!]);
  };
  return wrappable(weight, "linear", {
    own: (x) => multiply(x, weight, offset),
    withWeight: (x, other) => multiply(x, other),
  });
}

export interface Conv2dLayerOptions extends ops.Conv2dOptions {
  /** Height and width of the filter. */
  size: number;
  /** Default: PyTorch's. */
  initializer?: Initializer;
}

/**
 * Convolution of `[batch, channels, height, width]`; pads so that stride 1 keeps the size, unless
 * told otherwise.
 *
 * Parameters: `weight` `[outputs, inputs, size, size]`, `bias` `[outputs]`.
 */
export function conv2d(
  scope: ParameterScope,
  inputs: number,
  outputs: number,
  {
    size,
    strides = [1, 1],
    pads = samePads(size),
    initializer = fanInUniform(inputs * size * size),
  }: Conv2dLayerOptions,
): Layer {
  const weight = scope.parameter("weight", [outputs, inputs, size, size], initializer);
  const bias = scope.parameter("bias", [outputs], initializer);
  return wrappable(weight, "conv2d", {
    own: (x) => ops.conv2d(x, weight, bias, { strides, pads }),
    withWeight: (x, other) => ops.conv2d(x, other, undefined, { strides, pads }),
  });
}

function samePads(size: number): [number, number, number, number] {
  const pad = (size - 1) / 2;
  return [pad, pad, pad, pad];
}

/** Parameters: `weight` and `bias`, `[channels]`. */
export function groupNorm(
  scope: ParameterScope,
  channels: number,
  options: ops.GroupNormOptions,
): Layer {
  const scale = scope.parameter("weight", [channels], ones);
  const offset = scope.parameter("bias", [channels], zeros);
  return (x) => ops.groupNorm(x, scale, offset, options);
}

/** Parameters: `weight` and `bias`, `[features]`. */
export function layerNorm(
  scope: ParameterScope,
  features: number,
  options: ops.LayerNormOptions = { epsilon: 1e-5 },
): Layer {
  const scale = scope.parameter("weight", [features], ones);
  const offset = scope.parameter("bias", [features], zeros);
  return (x) => ops.layerNorm(x, scale, offset, options);
}

/** Parameter: `weight`, `[features]`. */
export function rmsNorm(
  scope: ParameterScope,
  features: number,
  options: ops.RmsNormOptions = { epsilon: 1e-6 },
): Layer {
  const scale = scope.parameter("weight", [features], ones);
  return (x) => ops.rmsNorm(x, scale, options);
}

/**
 * A row of a table for every id: int32 `[...]` to `[..., features]`.
 *
 * Parameters: `weight` `[rows, features]`.
 */
export function embedding(
  scope: ParameterScope,
  rows: number,
  features: number,
  initializer: Initializer = normal(0.02),
): Layer {
  const weight = scope.parameter("weight", [rows, features], initializer);
  return wrappable(weight, "embedding", {
    own: (ids) => ops.embedding(weight, ids),
    withWeight: (ids, other) => ops.embedding(other, ids),
  });
}
