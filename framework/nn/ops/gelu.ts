import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel, wordOf } from "./kernels.ts";

/** `none` is exact, through erf; `quick` is `x * sigmoid(1.702 x)`. */
export type GeluApproximation = "none" | "tanh" | "quick";

const approximations = ["none", "tanh", "quick"] as const;
const quickSlope = 1.702;
const cubic = 0.044715;
const sqrtTwoOverPi = Math.sqrt(2 / Math.PI);

/**
 * Gaussian error linear unit.
 *
 * Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
 * Kernel `SeedbedGelu`: `{x}`, `{approximate}` to `y`.
 */
export function gelu<T extends tf.Tensor>(x: T, approximate: GeluApproximation = "none"): T {
  return (
    runKernel<T>("SeedbedGelu", { x }, { approximate }) ??
    tf.tidy(() => x.mul<T>(gate(x, approximate)))
  );
}

/** What GELU multiplies x by: the normal distribution function, or what stands for it. */
function gate(x: tf.Tensor, approximate: GeluApproximation): tf.Tensor {
  switch (approximate) {
    case "none":
      return tf.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5);
    case "tanh":
      return tf.tanh(tanhArgument(x)).add(1).mul(0.5);
    case "quick":
      return tf.sigmoid(x.mul(quickSlope));
    default:
      return approximate satisfies never;
  }
}

function tanhArgument(x: tf.Tensor): tf.Tensor {
  return x.mul(x).mul(cubic).add(1).mul(x).mul(sqrtTwoOverPi);
}

/** Derivative of {@link gate}. */
function gateSlope(x: tf.Tensor, approximate: GeluApproximation): tf.Tensor {
  switch (approximate) {
    case "none":
      return tf.exp(x.mul(x).mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
    case "tanh": {
      const t = tf.tanh(tanhArgument(x));
      const inner = x
        .mul(x)
        .mul(3 * cubic)
        .add(1)
        .mul(sqrtTwoOverPi);
      return t.mul(t).mul(-1).add(1).mul(inner).mul(0.5);
    }
    case "quick": {
      const s = tf.sigmoid(x.mul(quickSlope));
      return s.mul(s.mul(-1).add(1)).mul(quickSlope);
    }
    default:
      return approximate satisfies never;
  }
}

/**
 * Gradient of {@link gelu}.
 *
 * Kernel `SeedbedGeluGradient`: `{dy, x}`, `{approximate}` to `dx`.
 */
export function geluGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  approximate: GeluApproximation,
): tf.Tensor {
  return (
    runGradientKernel<tf.Tensor>("SeedbedGeluGradient", { dy, x }, { approximate }) ??
    geluGradientReference(dy, x, approximate)
  );
}

/** `dy * (gate + x * gate')`. */
export function geluGradientReference(
  dy: tf.Tensor,
  x: tf.Tensor,
  approximate: GeluApproximation,
): tf.Tensor {
  return tf.tidy(() => dy.mul(gate(x, approximate).add(x.mul(gateSlope(x, approximate)))));
}

tf.registerGradient({
  kernelName: "SeedbedGelu",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => ({
    x: () => geluGradient(firstGradient(dy), x!, wordOf(attributes, "approximate", approximations)),
  }),
});
