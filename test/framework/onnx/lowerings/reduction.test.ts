import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import * as reduction from "../../../../framework/onnx/lowerings/reduction.ts";
import {
  bools,
  floats,
  ints,
  normal,
  onOrt,
  parityTests,
  refusalTests,
  shuffled,
  tensorOf,
  uniform,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";
import { expectClose } from "../../../support/tensors.ts";

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

interface Reduction {
  kernel: string;
  run: Reduce;
  values: (shape: number[]) => HostInput;
  int32: boolean;
  /** TF.js's own gradient takes no negative axis. */
  positiveAxes?: boolean;
}

/** A running sum or product along each axis, in every direction. */
function cumulativeRows(
  kernel: string,
  run: typeof tf.cumsum,
  hasGradient: (axis: number) => boolean,
): Row[] {
  return [0, 1, 2].flatMap((axis) =>
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([exclusive, reverse]): Row => ({
      kernel,
      title: `axis ${axis}, exclusive ${exclusive}, reverse ${reverse}`,
      inputs: [normal([2, 3, 4])],
      run: (x) => run(x!, axis, exclusive, reverse),
      gradient: hasGradient(axis),
    })),
  );
}

const reductions: Reduction[] = [
  { kernel: "Sum", run: tf.sum, values: normal, int32: true },
  { kernel: "Mean", run: tf.mean, values: normal, int32: true },
  {
    kernel: "Prod",
    run: tf.prod,
    values: (shape) => uniform(shape, 0.5, 2),
    int32: true,
    positiveAxes: true,
  },
  { kernel: "Max", run: tf.max, values: shuffled, int32: true },
  { kernel: "Min", run: tf.min, values: shuffled, int32: true },
];

const axisCases: { shape: number[]; axis?: number | number[]; keepDims?: boolean }[] = [
  { shape: [] },
  { shape: [4] },
  { shape: [2, 3] },
  { shape: [2, 3], keepDims: true },
  { shape: [2, 3], axis: 0 },
  { shape: [2, 3], axis: -1 },
  { shape: [2, 3], axis: -2, keepDims: true },
  { shape: [2, 3, 4], axis: [0, 2] },
  { shape: [2, 3, 4], axis: [-1, -3], keepDims: true },
  { shape: [2, 1, 3, 2], axis: 2 },
  { shape: [2, 1, 3, 1, 2], axis: [1, 4] },
];

/** A sum right after a square is one node, whatever its axes are. */
const sumsOfSquares: Row[] = [
  { shape: [] },
  { shape: [6] },
  { shape: [2, 3] },
  { shape: [2, 3], axis: 1 },
].map(({ shape, axis }) => ({
  kernel: "Sum",
  title: `of squares, [${shape.join()}] over ${axis ?? "all"}`,
  inputs: [normal(shape)],
  run: (x) => tf.sum(x!.square(), axis),
}));

function reductionRows({ kernel, run, values, int32, positiveAxes = false }: Reduction): Row[] {
  const rows: Row[] = axisCases.map(({ shape, axis, keepDims = false }) => ({
    kernel,
    title: `[${shape.join(", ")}] over ${String(axis ?? "all axes")}${keepDims ? ", kept" : ""}`,
    inputs: [values(shape)],
    run: (x) => run(x!, axis, keepDims),
    ...(positiveAxes && [axis ?? 0].flat().some((a) => a < 0) ? { gradient: false } : {}),
  }));
  for (const special of [NaN, Infinity, -Infinity]) {
    rows.push({
      kernel,
      title: `${special} among numbers`,
      inputs: [floats([1, special, -2, 3, 4, special], [2, 3])],
      run: (x) => run(x!, 1),
      gradient: false, // infinities times zero differ in where they become NaN
    });
  }
  if (int32) {
    rows.push({
      kernel,
      title: "int32",
      inputs: [ints([5, -7, 3, 2], [2, 2])],
      run: (x) => run(x!, 0),
    });
  }
  return rows;
}

const others: Row[] = [
  ...(["Sum", "Prod"] as const).map((kernel): Row => ({
    kernel,
    title: "bool gives int32",
    inputs: [bools([1, 0, 1, 1], [2, 2])],
    run: (x) => (kernel === "Sum" ? tf.sum(x!, 0) : tf.prod(x!, 0)),
  })),
  {
    kernel: "Mean",
    title: "bool gives float32",
    inputs: [bools([1, 0, 1, 1])],
    run: (x) => tf.mean(x!),
  },
  ...[tf.all, tf.any].flatMap((run): Row[] => {
    const kernel = run === tf.all ? "All" : "Any";
    const inputs = [bools([1, 1, 0, 1, 0, 0], [3, 2])];
    return [
      { kernel, title: "all axes", inputs, run: (x) => run(x!) },
      { kernel, title: "last axis, kept", inputs, run: (x) => run(x!, -1, true) },
      { kernel, title: "first axis", inputs, run: (x) => run(x!, 0) },
    ];
  }),
  ...[tf.argMax, tf.argMin].flatMap((run): Row[] => {
    const kernel = run === tf.argMax ? "ArgMax" : "ArgMin";
    const cases = [0, 1, 2, -1].map((axis): Row => ({
      kernel,
      title: `axis ${axis}`,
      inputs: [shuffled([2, 3, 4])],
      run: (x) => run(x!, axis),
      gradient: false, // the index is an integer
    }));
    return [
      ...cases,
      {
        kernel,
        title: "the first of equals",
        inputs: [ints([3, 1, 3, 1])],
        run: (x) => run(x!),
      },
      {
        kernel,
        title: "NaN first, later and alone",
        inputs: [floats([NaN, 1, 2, 1, NaN, 2, 2, 1, NaN, NaN, NaN, NaN], [4, 3])],
        run: (x) => run(x!, 1),
        gradient: false, // the index is an integer
      },
      {
        kernel,
        title: "NaN in a longer row",
        inputs: [floats([0, 3, 5, NaN, -3])],
        run: (x) => run(x!),
        gradient: false, // the index is an integer
      },
      {
        kernel,
        title: "infinities beside NaN along the first axis",
        inputs: [floats([-Infinity, Infinity, NaN, NaN, NaN, -Infinity], [3, 2])],
        run: (x) => run(x!, 0),
        gradient: false, // the index is an integer
      },
      {
        kernel,
        title: "bool",
        inputs: [bools([0, 1, 1])],
        run: (x) => run(x!),
        fallback: true,
      },
    ];
  }),
  ...[[4], [2, 3], [2, 3, 4], [1, 2, 1, 2, 3]].flatMap((shape): Row[] => [
    {
      kernel: "Softmax",
      title: `rank ${shape.length}`,
      inputs: [normal(shape)],
      run: (x) => tf.softmax(x!),
    },
    {
      kernel: "Softmax",
      title: `the gradient of its logarithm at rank ${shape.length}`,
      inputs: [normal(shape)],
      run: (x) => tf.logSoftmax(tf.softmax(x!)),
    },
  ]),
  {
    kernel: "Softmax",
    title: "large, small and infinite logits",
    inputs: [floats([1000, 999, -1000, -Infinity, 5, 5], [2, 3])],
    run: (x) => tf.softmax(x!),
  },
  ...cumulativeRows("Cumsum", tf.cumsum, (axis) => axis === 2), // TF.js transposes it for others
  {
    kernel: "Cumsum",
    title: "int32",
    inputs: [ints([1, 2, 3])],
    run: (x) => tf.cumsum(x!),
  },
  ...cumulativeRows("Cumprod", tf.cumprod, () => false),
  {
    kernel: "Cumprod",
    title: "int32",
    inputs: [ints([1, 2, 3])],
    run: (x) => tf.cumprod(x!),
  },
  {
    kernel: "Cumprod",
    title: "bool",
    inputs: [bools([1, 1, 0, 1])],
    run: (x) => tf.cumprod(x!),
  },
  {
    kernel: "Cumprod",
    title: "what was too large stays so",
    inputs: [floats([1e30, 1e30, 1e-30, 0, NaN])],
    run: (x) => tf.cumprod(x!),
  },
  {
    kernel: "Cumprod",
    title: "a long axis",
    inputs: [uniform([65], 0.5, 2)],
    run: (x) => tf.cumprod(x!),
    fallback: true,
  },
];

parityTests("reduction.ts", reduction, [
  ...reductions.flatMap(reductionRows),
  ...sumsOfSquares,
  ...others,
]);

refusalTests("reduction.ts", {
  "an axis that there is not": () => tf.sum(tf.ones([2, 3]), 2),
  "a negative axis that there is not": () => tf.max(tf.ones([2, 3]), [0, -3]),
});

describe("Cumsum", () => {
  onOrt();
  it("takes a negative axis, which TF.js's CPU kernel does not", async () => {
    const x = tensorOf(normal([2, 3]));
    const [negative, positive] = [tf.cumsum(x, -1), tf.cumsum(x, 1)];
    await expectClose(negative, positive, 0);
    tf.dispose([x, negative, positive]);
  });
});
