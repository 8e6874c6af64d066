import * as tf from "@tensorflow/tfjs";

import { sizeOf } from "../../base/shape.ts";
import { firstGradient, runGradientKernel, runKernel, wordOf } from "./kernels.ts";
import { silu, siluGradientReference } from "./silu.ts";

export interface GroupNormOptions {
  /** Number of groups; divides the channels. */
  groups: number;
  /** Added to the variance. */
  epsilon: number;
  /** Applied to the result. */
  activation?: GroupNormActivation;
}

export type GroupNormActivation = "none" | "silu";

const activations = ["none", "silu"] as const;

/**
 * Normalises each group of channels of each image to mean 0 and variance 1, then scales and
 * shifts each channel, then applies the activation.
 *
 * Source: Wu & He 2018, arXiv:1803.08494.
 * Kernel `SeedbedGroupNorm`: `{x, scale, offset}`, `{groups, epsilon, activation}` to
 * `[y, mean, inverseDeviation]`, the last two `[batch, groups, 1]`.
 *
 * @param x `[batch, channels, ...]`
 * @param scale `[channels]`, also `offset`
 * @throws {RangeError} when `groups` does not divide the channels
 */
export function groupNorm<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  offset: tf.Tensor,
  { groups, epsilon, activation = "none" }: GroupNormOptions,
): T {
  const channels = x.shape[1] ?? 0;
  if (channels === 0 || channels % groups !== 0) {
    throw new RangeError(
      `Cannot normalise groups: ${groups} groups do not divide ${channels} channels of [${x.shape.join(", ")}]`,
    );
  }
  const outputs = runKernel<[T, tf.Tensor, tf.Tensor]>(
    "SeedbedGroupNorm",
    { x, scale, offset },
    { groups, epsilon, activation },
  );
  if (outputs) return outputs[0];
  return tf.tidy(() => compose(x, scale, offset, { groups, epsilon, activation }));
}

function compose<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  offset: tf.Tensor,
  { groups, epsilon, activation }: Required<GroupNormOptions>,
): T {
  const grouped = byGroup(x, groups);
  const { mean, inverseDeviation } = groupStatistics(x, groups, epsilon);
  const normalised = grouped.sub(mean).mul(inverseDeviation).reshapeAs<T>(x);
  const y = normalised.mul<T>(perChannel(scale, x)).add<T>(perChannel(offset, x));
  return activation === "silu" ? silu(y) : y;
}

/** Second and third output of the kernel, each `[batch, groups, 1]`. */
export function groupStatistics(
  x: tf.Tensor,
  groups: number,
  epsilon: number,
): { mean: tf.Tensor; inverseDeviation: tf.Tensor } {
  return tf.tidy(() => {
    const grouped = byGroup(x, groups);
    const mean = grouped.mean(2, true);
    const variance = grouped.sub(mean).square().mean(2, true);
    return { mean, inverseDeviation: variance.add(epsilon).rsqrt() };
  });
}

/** `[batch, groups, channels / groups * ...]`. */
function byGroup(x: tf.Tensor, groups: number): tf.Tensor {
  const batch = x.shape[0] ?? 1;
  return x.reshape([batch, groups, sizeOf(x.shape) / batch / groups]);
}

/** `[channels]` as `[1, channels, 1, ...]`, of the rank of `x`. */
function perChannel(values: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return values.reshape(x.shape.map((_, axis) => (axis === 1 ? values.size : 1)));
}

/** What the gradient needs from the forward pass. */
export interface GroupNormSaved {
  x: tf.Tensor;
  scale: tf.Tensor;
  offset: tf.Tensor;
  mean: tf.Tensor;
  inverseDeviation: tf.Tensor;
}

/**
 * Gradients of {@link groupNorm} by `x`, `scale` and `offset`.
 *
 * Kernel `SeedbedGroupNormGradient`: `{dy, x, scale, offset, mean, inverseDeviation}`,
 * `{groups, epsilon, activation}` to `[dx, dscale, doffset]`.
 */
export function groupNormGradient(
  dy: tf.Tensor,
  saved: GroupNormSaved,
  { groups, epsilon, activation = "none" }: GroupNormOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      "SeedbedGroupNormGradient",
      { dy, ...saved },
      { groups, epsilon, activation },
    ) ?? groupNormGradientReference(dy, saved, { groups, epsilon, activation })
  );
}

/** Makes the statistics anew: a second gradient goes through them. */
export function groupNormGradientReference(
  dy: tf.Tensor,
  { x, scale, offset }: Pick<GroupNormSaved, "x" | "scale" | "offset">,
  { groups, epsilon, activation = "none" }: GroupNormOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const { mean, inverseDeviation } = groupStatistics(x, groups, epsilon);
    const normalised = byGroup(x, groups).sub(mean).mul(inverseDeviation);
    const image = normalised.reshapeAs(x);
    const affine = image.mul(perChannel(scale, x)).add(perChannel(offset, x));
    const dAffine = activation === "silu" ? siluGradientReference(dy, affine) : dy;
    const otherAxes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    const dNormalised = byGroup(dAffine.mul(perChannel(scale, x)), groups);
    const along = dNormalised.mul(normalised).mean(2, true);
    const dx = dNormalised
      .sub(dNormalised.mean(2, true))
      .sub(normalised.mul(along))
      .mul(inverseDeviation);
    return [dx.reshapeAs(x), dAffine.mul(image).sum(otherAxes), dAffine.sum(otherAxes)];
  });
}

tf.registerGradient({
  kernelName: "SeedbedGroupNorm",
  inputsToSave: ["x", "scale", "offset"],
  outputsToSave: [false, true, true],
  gradFunc: (dy, [x, scale, offset, mean, inverseDeviation], attributes) => {
    const [dx, dscale, doffset] = groupNormGradient(
      firstGradient(dy),
      {
        x: x!,
        scale: scale!,
        offset: offset!,
        mean: mean!,
        inverseDeviation: inverseDeviation!,
      },
      {
        groups: Number(attributes["groups"]),
        epsilon: Number(attributes["epsilon"]),
        activation: wordOf(attributes, "activation", activations),
      },
    );
    return { x: () => dx, scale: () => dscale, offset: () => doffset };
  },
});
