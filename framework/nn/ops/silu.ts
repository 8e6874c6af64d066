import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

/**
 * `x * sigmoid(x)`, also called swish.
 *
 * Kernel `SeedbedSilu`: `{x}` to `y`.
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return runKernel<T>("SeedbedSilu", { x }) ?? tf.tidy(() => x.mul<T>(tf.sigmoid(x)));
}

/**
 * Gradient of {@link silu}.
 *
 * Kernel `SeedbedSiluGradient`: `{dy, x}` to `dx`.
 */
export function siluGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return (
    runGradientKernel<tf.Tensor>("SeedbedSiluGradient", { dy, x }) ?? siluGradientReference(dy, x)
  );
}

/** `dy * s * (1 + x * (1 - s))` where s is the sigmoid of x. */
export function siluGradientReference(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const s = tf.sigmoid(x);
    return dy.mul(s.mul(x.mul(s.mul(-1).add(1)).add(1)));
  });
}

tf.registerGradient({
  kernelName: "SeedbedSilu",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => siluGradient(firstGradient(dy), x!) }),
});
