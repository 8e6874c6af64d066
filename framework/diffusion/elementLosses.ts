import type * as tf from "@tensorflow/tfjs";

/** How much a difference costs. */
export type LossType = "mse" | "l1" | "huber" | "smoothL1" | "pseudoHuber" | "pseudoSmoothL1";

/**
 * Loss of each element.
 *
 * @param difference prediction - target
 * @param delta broadcasts over it, > 0: up to about this size a difference counts as its square,
 * beyond it as its absolute value
 */
export type ElementLoss = (difference: tf.Tensor, delta: tf.Tensor) => tf.Tensor;

/**
 * Every loss that can be trained with. `huber` and `smoothL1` are PyTorch's `huber_loss(delta)` and
 * `smooth_l1_loss(beta)`; the pseudo ones are smooth everywhere, and what kohya-ss/sd-scripts and
 * diffusers' scripts call `huber` and `smooth_l1`.
 *
 * Source: Huber 1964, "Robust estimation of a location parameter"; Charbonnier et al. 1997,
 * "Deterministic edge-preserving regularization in computed imaging".
 */
export const elementLosses: Readonly<Record<LossType, ElementLoss>> = {
  mse: (difference) => difference.square(),
  l1: (difference) => difference.abs(),
  huber: (difference, delta) => {
    const size = difference.abs();
    const near = size.minimum(delta);
    return near.mul(size.sub(near.mul(0.5))); // near² / 2 + delta * (size - near)
  },
  smoothL1: (difference, delta) => elementLosses.huber(difference, delta).div(delta),
  pseudoHuber: (difference, delta) => elementLosses.pseudoSmoothL1(difference, delta).mul(delta),
  pseudoSmoothL1: (difference, delta) =>
    difference.square().add(delta.square()).sqrt().sub(delta).mul(2),
};
