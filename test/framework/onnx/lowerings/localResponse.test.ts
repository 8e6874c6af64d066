import * as tf from "@tensorflow/tfjs";

import * as localResponse from "../../../../framework/onnx/lowerings/localResponse.ts";
import { ints, normal, parityTests, type Row } from "../../../support/parity.ts";

const settings = [
  { radius: 1, bias: 1, alpha: 1, beta: 0.5 },
  { radius: 2, bias: 2, alpha: 0.3, beta: 0.75 },
  { radius: 9, bias: 0.5, alpha: 0.1, beta: 1 },
];

const rows: Row[] = settings.flatMap(({ radius, bias, alpha, beta }): Row[] => [
  {
    kernel: "LRN",
    title: `radius ${radius}`,
    inputs: [normal([2, 3, 2, 5])],
    run: (x) => tf.localResponseNormalization(x!.as4D(2, 3, 2, 5), radius, bias, alpha, beta),
  },
  {
    kernel: "LRNGrad",
    title: `radius ${radius}`,
    inputs: [normal([1, 2, 2, 4]), normal([1, 2, 2, 4], "y"), normal([1, 2, 2, 4], "dy")],
    run: (x, y, dy) =>
      tf
        .engine()
        .runKernel<tf.Tensor>(
          "LRNGrad",
          { x: x!, y: y!, dy: dy! },
          { depthRadius: radius, bias, alpha, beta },
        ),
    gradient: false, // of the second order
  },
]);
rows.push({
  kernel: "LRN",
  title: "int32",
  inputs: [ints([1, 2, 3, 4], [1, 1, 1, 4])],
  run: (x) => tf.localResponseNormalization(x!.as4D(1, 1, 1, 4), 1),
  fallback: true,
});

parityTests("localResponse.ts", localResponse, rows);
