import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

export interface RmsNormOptions {
  /** Added to the mean square. */
  epsilon: number;
}

/**
 * Divides the last axis by its root mean square, then scales each feature:
 * `x / sqrt(mean(x^2) + epsilon) * scale`.
 *
 * Source: Zhang & Sennrich 2019, arXiv:1910.07467, with epsilon under the root as LLaMA has it.
 * Kernel `SeedbedRmsNorm`: `{x, scale}`, `{epsilon}` to `[y, inverseRms]`, the latter `[..., 1]`.
 *
 * @param x `[..., features]`
 * @param scale `[features]`
 */
export function rmsNorm<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  { epsilon }: RmsNormOptions,
): T {
  const outputs = runKernel<[T, tf.Tensor]>("SeedbedRmsNorm", { x, scale }, { epsilon });
  if (outputs) return outputs[0];
  return tf.tidy(() => x.mul<T>(inverseRms(x, epsilon)).mul<T>(scale));
}

/** Second output of the kernel, `[..., 1]`. */
export function inverseRms(x: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.tidy(() => x.square().mean(-1, true).add(epsilon).rsqrt());
}

/** What the gradient needs from the forward pass. */
export interface RmsNormSaved {
  x: tf.Tensor;
  scale: tf.Tensor;
  inverseRms: tf.Tensor;
}

/**
 * Gradients of {@link rmsNorm} by `x` and `scale`.
 *
 * Kernel `SeedbedRmsNormGradient`: `{dy, x, scale, inverseRms}` to `[dx, dscale]`.
 */
export function rmsNormGradient(
  dy: tf.Tensor,
  saved: RmsNormSaved,
  options: RmsNormOptions,
): [tf.Tensor, tf.Tensor] {
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor]>("SeedbedRmsNormGradient", { dy, ...saved }) ??
    rmsNormGradientReference(dy, saved, options)
  );
}

/** Makes the root mean square anew: a second gradient goes through it. */
export function rmsNormGradientReference(
  dy: tf.Tensor,
  { x, scale }: Pick<RmsNormSaved, "x" | "scale">,
  { epsilon }: RmsNormOptions,
): [tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const inverse = inverseRms(x, epsilon);
    const normalised = x.mul(inverse);
    const dNormalised = dy.mul(scale);
    const along = dNormalised.mul(normalised).mean(-1, true);
    const dx = dNormalised.sub(normalised.mul(along)).mul(inverse);
    const otherAxes = x.shape.slice(0, -1).map((_, axis) => axis);
    return [dx, dy.mul(normalised).sum(otherAxes)];
  });
}

tf.registerGradient({
  kernelName: "SeedbedRmsNorm",
  inputsToSave: ["x", "scale"],
  outputsToSave: [false, true],
  gradFunc: (dy, [x, scale, inverse], attributes) => {
    const [dx, dscale] = rmsNormGradient(
      firstGradient(dy),
      { x: x!, scale: scale!, inverseRms: inverse! },
      { epsilon: Number(attributes["epsilon"]) },
    );
    return { x: () => dx, scale: () => dscale };
  },
});
