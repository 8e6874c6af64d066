import * as tf from "@tensorflow/tfjs";

import {
  gelu,
  geluGradient,
  silu,
  siluGradient,
  type GeluApproximation,
} from "../../../../framework/nn/ops/index.ts";
import * as activation from "../../../../framework/onnx/lowerings/activation.ts";
import { floats, normal, parityTests, uniform, type Row } from "../../../support/parity.ts";

const shapes = [[], [5], [2, 3], [2, 3, 4], [1, 2, 3, 2], [1, 2, 1, 2, 3]];
const wide = floats([-30, -8, -1e-3, 0, 1e-3, 8, 30]);
const approximations: GeluApproximation[] = ["none", "tanh", "quick"];

function rowsFor(
  kernel: string,
  title: string,
  run: (x: tf.Tensor) => tf.Tensor,
  slope: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor,
): Row[] {
  return [
    ...shapes.map((shape): Row => ({
      kernel,
      title: `${title}rank ${shape.length}`,
      inputs: [uniform(shape, -4, 4)],
      run: (x) => run(x!),
    })),
    { kernel, title: `${title}far from zero`, inputs: [wide], run: (x) => run(x!) },
    {
      kernel: `${kernel}Gradient`,
      title: `${title}as a kernel`,
      inputs: [normal([2, 5], "dy"), uniform([2, 5], -4, 4)],
      run: (dy, x) => slope(dy!, x!),
    },
  ];
}

parityTests("activation.ts", activation, [
  ...rowsFor("SeedbedSilu", "", silu, siluGradient),
  ...approximations.flatMap((approximate) =>
    rowsFor(
      "SeedbedGelu",
      `${approximate}, `,
      (x) => gelu(x, approximate),
      (dy, x) => geluGradient(dy, x, approximate),
    ),
  ),
]);
