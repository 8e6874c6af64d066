import * as tf from "@tensorflow/tfjs";

/**
 * Kernels of our own, which a backend may implement. Each file beside this one documents inputs,
 * attributes and outputs, holds the closed-form gradient, and composes the operation from TF.js
 * ones where the backend has no such kernel.
 */
export const kernelNames = [
  "SeedbedConv2d",
  "SeedbedConv2dInputGradient",
  "SeedbedConv2dFilterGradient",
  "SeedbedGroupNorm",
  "SeedbedGroupNormGradient",
  "SeedbedLayerNorm",
  "SeedbedLayerNormGradient",
  "SeedbedRmsNorm",
  "SeedbedRmsNormGradient",
  "SeedbedSoftmaxCrossEntropy",
  "SeedbedSoftmaxCrossEntropyGradient",
  "SeedbedEmbedding",
  "SeedbedEmbeddingGradient",
  "SeedbedSilu",
  "SeedbedSiluGradient",
  "SeedbedGelu",
  "SeedbedGeluGradient",
  "SeedbedAttention",
  "SeedbedAttentionGradient",
  "SeedbedChunkedAttention",
  "SeedbedChunkedAttentionGradient",
  "SeedbedUpsampleNearest2x",
  "SeedbedUpsampleNearest2xGradient",
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Runs the kernel if the current backend has it; `undefined` asks the caller to compose it. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: KernelName,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap = {},
): T | undefined {
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  return tf.engine().runKernel<T>(name, inputs, attributes);
}

/** Whether a tape records, so that what is computed now may be differentiated. */
export function isTaped(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/**
 * {@link runKernel} for kernels that compute gradients and have none themselves: what may be
 * differentiated again is for the caller to compose.
 */
export function runGradientKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: KernelName,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap = {},
): T | undefined {
  return isTaped() ? undefined : runKernel<T>(name, inputs, attributes);
}

/** The gradient that arrives at a kernel's first output; the others feed gradients alone. */
export function firstGradient(dy: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(dy) ? dy[0]! : dy;
}

/** Attribute `name`, a list of numbers. */
export function numbersOf(attributes: tf.NamedAttrMap, name: string): number[] {
  const value = attributes[name];
  if (Array.isArray(value)) return value.map(Number);
  throw new TypeError(
    `Cannot read kernel attribute "${name}": expected numbers, got ${typeof value}`,
  );
}

/** Attribute `name`, one of a few words. */
export function wordOf<Word extends string>(
  attributes: tf.NamedAttrMap,
  name: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === attributes[name]);
  if (found !== undefined) return found;
  throw new TypeError(
    `Cannot read kernel attribute "${name}": expected one of ${words.join(", ")}, got ${JSON.stringify(attributes[name])}`,
  );
}
