import * as tf from "@tensorflow/tfjs";

import * as pooling from "../../../../framework/onnx/lowerings/pooling.ts";
import { floats, normal, parityTests, shuffled, type Row } from "../../../support/parity.ts";

interface Case {
  title: string;
  shape: [number, number, number, number];
  filter: number | [number, number];
  strides: number | [number, number];
  pad: "same" | "valid" | number;
}

/** Infinities, alone in a window and beside numbers. */
const infinite = floats([-Infinity, -Infinity, -Infinity, 1, Infinity, 2], [1, 3, 2, 1]);

const cases: Case[] = [
  { title: "2 x 2 by 2", shape: [2, 4, 6, 3], filter: 2, strides: 2, pad: "valid" },
  { title: "3 x 3 that overlap, same", shape: [1, 5, 6, 2], filter: 3, strides: 1, pad: "same" },
  { title: "3 x 3 by 2, same", shape: [2, 6, 7, 2], filter: 3, strides: 2, pad: "same" },
  {
    title: "3 x 2 by 1 and 2, valid",
    shape: [1, 6, 7, 2],
    filter: [3, 2],
    strides: [1, 2],
    pad: "valid",
  },
  { title: "rows left over", shape: [1, 7, 7, 1], filter: 2, strides: 3, pad: "valid" },
  { title: "padded by a number", shape: [1, 5, 5, 2], filter: 3, strides: 2, pad: 1 },
  { title: "one pixel", shape: [1, 3, 3, 2], filter: 1, strides: 1, pad: "valid" },
];

function argmaxPool(
  x: tf.Tensor,
  { filterSize, strides, pad }: Pick<tf.MaxPoolWithArgmaxAttrs, "filterSize" | "strides" | "pad">,
  includeBatch: boolean,
): tf.Tensor[] {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  const image = x.as4D(a, b, c, d);
  const { result, indexes } = tf.maxPoolWithArgmax(image, filterSize, strides, pad, includeBatch);
  return [result!, indexes!];
}

function rowsOf({ title, shape, filter, strides, pad }: Case): Row[] {
  const attributes = { filterSize: filter, strides, pad };
  const { outShape } = tf.backend_util.computePool2DInfo(shape, filter, strides, 1, pad);
  return [
    {
      kernel: "MaxPool",
      title,
      inputs: [shuffled(shape)],
      run: (x) => tf.maxPool(x!.as4D(...shape), filter, strides, pad),
    },
    ...[false, true].map((includeBatch): Row => ({
      kernel: "MaxPoolWithArgmax",
      title: includeBatch ? `${title}, through all images` : title,
      inputs: [shuffled(shape)],
      run: (x) => argmaxPool(x!, attributes, includeBatch),
    })),
    {
      kernel: "AvgPool",
      title,
      inputs: [normal(shape)],
      run: (x) => tf.avgPool(x!.as4D(...shape), filter, strides, pad),
    },
    {
      kernel: "MaxPoolGrad",
      title,
      inputs: [normal(outShape, "dy"), shuffled(shape)],
      run: (dy, input) => {
        const output = tf.maxPool(input!.as4D(...shape), filter, strides, pad);
        return tf
          .engine()
          .runKernel<tf.Tensor>("MaxPoolGrad", { dy: dy!, input: input!, output }, attributes);
      },
    },
    {
      kernel: "AvgPoolGrad",
      title,
      inputs: [normal(outShape, "dy"), normal(shape)],
      run: (dy, input) =>
        tf.engine().runKernel<tf.Tensor>("AvgPoolGrad", { dy: dy!, input: input! }, attributes),
    },
  ];
}

const others: Row[] = [
  ...(["MaxPool", "AvgPool"] as const).map((kernel): Row => ({
    kernel,
    title: "infinities",
    inputs: [infinite],
    run: (x) =>
      (kernel === "MaxPool" ? tf.maxPool : tf.avgPool)(x!.as4D(1, 3, 2, 1), [1, 2], 1, "valid"),
    gradient: false, // TF.js loses that of a window without a number
  })),
  {
    kernel: "MaxPool",
    title: "the first of equal elements gets the gradient",
    inputs: [floats([1, 1, 0, 1, 1, 1, 1, 0, 2], [1, 3, 3, 1])],
    run: (x) => tf.maxPool(x!.as4D(1, 3, 3, 1), 2, 1, "valid"),
  },
  {
    kernel: "MaxPool",
    title: "negative numbers beside padding",
    inputs: [floats([-1, -2, -3, -4], [1, 2, 2, 1])],
    run: (x) => tf.maxPool(x!.as4D(1, 2, 2, 1), 3, 1, "same"),
  },
  ...[
    infinite,
    floats([-Infinity, 1, -Infinity, -Infinity, NaN, NaN, NaN, NaN], [1, 2, 4, 1]),
    floats([1, 1, 0, 1, 1, 1, 1, 0, 2], [1, 3, 3, 1]),
  ].map((input): Row => ({
    kernel: "MaxPoolWithArgmax",
    title: `the first of ${input.values.join(", ")}`,
    inputs: [input],
    run: (x) => argmaxPool(x!, { filterSize: [1, 2], strides: 1, pad: "same" }, false),
  })),
  {
    kernel: "MaxPool",
    title: "lengths rounded up",
    inputs: [shuffled([1, 5, 5, 1])],
    run: (x) => tf.maxPool(x!.as4D(1, 5, 5, 1), 2, 2, 0, "ceil"),
    fallback: true,
    gradient: false, // the same in both: the CPU kernel's
  },
];

parityTests("pooling.ts", pooling, [...cases.flatMap(rowsOf), ...others]);
