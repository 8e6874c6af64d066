import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

export interface LayerNormOptions {
  /** Added to the variance. */
  epsilon: number;
}

/**
 * Normalises the last axis to mean 0 and variance 1, then scales and shifts each feature.
 *
 * Source: Ba et al. 2016, arXiv:1607.06450.
 * Kernel `SeedbedLayerNorm`: `{x, scale, offset}`, `{epsilon}` to `[y, mean, inverseDeviation]`,
 * the last two `[..., 1]`.
 *
 * @param x `[..., features]`
 * @param scale `[features]`, also `offset`
 */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  offset: tf.Tensor,
  { epsilon }: LayerNormOptions,
): T {
  const outputs = runKernel<[T, tf.Tensor, tf.Tensor]>(
    "SeedbedLayerNorm",
    { x, scale, offset },
    { epsilon },
  );
  if (outputs) return outputs[0];
  return tf.tidy(() => {
    const { mean, inverseDeviation } = layerStatistics(x, epsilon);
    return x.sub<T>(mean).mul<T>(inverseDeviation).mul<T>(scale).add<T>(offset);
  });
}

/** Second and third output of the kernel, each `[..., 1]`. */
export function layerStatistics(
  x: tf.Tensor,
  epsilon: number,
): { mean: tf.Tensor; inverseDeviation: tf.Tensor } {
  return tf.tidy(() => {
    const mean = x.mean(-1, true);
    const variance = x.sub(mean).square().mean(-1, true);
    return { mean, inverseDeviation: variance.add(epsilon).rsqrt() };
  });
}

/** What the gradient needs from the forward pass. */
export interface LayerNormSaved {
  x: tf.Tensor;
  scale: tf.Tensor;
  mean: tf.Tensor;
  inverseDeviation: tf.Tensor;
}

/**
 * Gradients of {@link layerNorm} by `x`, `scale` and `offset`.
 *
 * Kernel `SeedbedLayerNormGradient`: `{dy, x, scale, mean, inverseDeviation}` to
 * `[dx, dscale, doffset]`.
 */
export function layerNormGradient(
  dy: tf.Tensor,
  saved: LayerNormSaved,
  options: LayerNormOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor, tf.Tensor]>("SeedbedLayerNormGradient", {
      dy,
      ...saved,
    }) ?? layerNormGradientReference(dy, saved, options)
  );
}

/** Makes the statistics anew: a second gradient goes through them. */
export function layerNormGradientReference(
  dy: tf.Tensor,
  { x, scale }: Pick<LayerNormSaved, "x" | "scale">,
  { epsilon }: LayerNormOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const { mean, inverseDeviation } = layerStatistics(x, epsilon);
    const normalised = x.sub(mean).mul(inverseDeviation);
    const dNormalised = dy.mul(scale);
    const along = dNormalised.mul(normalised).mean(-1, true);
    const dx = dNormalised
      .sub(dNormalised.mean(-1, true))
      .sub(normalised.mul(along))
      .mul(inverseDeviation);
    const otherAxes = x.shape.slice(0, -1).map((_, axis) => axis);
    return [dx, dy.mul(normalised).sum(otherAxes), dy.sum(otherAxes)];
  });
}

tf.registerGradient({
  kernelName: "SeedbedLayerNorm",
  inputsToSave: ["x", "scale"],
  outputsToSave: [false, true, true],
  gradFunc: (dy, [x, scale, mean, inverseDeviation], attributes) => {
    const [dx, dscale, doffset] = layerNormGradient(
      firstGradient(dy),
      { x: x!, scale: scale!, mean: mean!, inverseDeviation: inverseDeviation! },
      { epsilon: Number(attributes["epsilon"]) },
    );
    return { x: () => dx, scale: () => dscale, offset: () => doffset };
  },
});
