import * as tf from "@tensorflow/tfjs";

import * as dilation from "../../../../framework/onnx/lowerings/dilation.ts";
import {
  floats,
  ints,
  normal,
  parityTests,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

type Rank3 = [number, number, number];
type Rank4 = [number, number, number, number];

interface Case {
  title: string;
  x: HostInput;
  filter: HostInput;
  strides?: number | [number, number];
  dilations?: number | [number, number];
  pad: "same" | "valid";
}

const cases: Case[] = [
  { title: "2 x 2, valid", x: normal([2, 4, 5, 3]), filter: normal([2, 2, 3], "f"), pad: "valid" },
  { title: "3 x 3, same", x: normal([1, 5, 4, 2]), filter: normal([3, 3, 2], "f"), pad: "same" },
  {
    title: "3 x 2 by 2 and 1, same",
    x: normal([2, 6, 5, 2]),
    filter: normal([3, 2, 2], "f"),
    strides: [2, 1],
    pad: "same",
  },
  {
    title: "spread by 2 and 3",
    x: normal([1, 7, 8, 2]),
    filter: normal([2, 3, 2], "f"),
    dilations: [2, 3],
    pad: "valid",
  },
  {
    title: "spread by 2, same",
    x: normal([1, 5, 5, 1]),
    filter: normal([3, 3, 1], "f"),
    dilations: 2,
    pad: "same",
  },
  {
    title: "the first of equal sums",
    x: floats([1, 1, 0, 1, 1, 1, 1, 0, 2], [1, 3, 3, 1]),
    filter: floats([0, 0, 0, 0], [2, 2, 1]),
    pad: "valid",
  },
  {
    title: "NaN and infinities",
    x: floats([NaN, NaN, NaN, NaN, Infinity, 1, 2, -Infinity, NaN], [1, 3, 3, 1]),
    filter: floats([0, 1, 2, 3], [2, 2, 1]),
    pad: "valid",
  },
];

const rows = cases.flatMap(({ title, x, filter, strides = 1, dilations = 1, pad }): Row[] => {
  const call = (image: tf.Tensor, weights: tf.Tensor): tf.Tensor => {
    const [a = 1, b = 1, c = 1, d = 1] = image.shape;
    const [e = 1, f = 1, g = 1] = weights.shape;
    const shapes: [Rank4, Rank3] = [
      [a, b, c, d],
      [e, f, g],
    ];
    return tf.dilation2d(
      image.as4D(...shapes[0]),
      weights.as3D(...shapes[1]),
      strides,
      pad,
      dilations,
    );
  };
  const info = tf.backend_util.computeDilation2DInfo(
    [x.shape[0]!, x.shape[1]!, x.shape[2]!, x.shape[3]!],
    [filter.shape[0]!, filter.shape[1]!, filter.shape[2]!],
    strides,
    pad,
    "NHWC",
    dilations,
  );
  const dy = normal(info.outShape, "dy");
  const attributes = { strides, pad, dilations };
  return [
    { kernel: "Dilation2D", title, inputs: [x, filter], run: (a, b) => call(a!, b!) },
    ...["Dilation2DBackpropInput", "Dilation2DBackpropFilter"].map((kernel): Row => ({
      kernel,
      title,
      inputs: [x, filter, dy],
      run: (a, b, c) =>
        tf.engine().runKernel<tf.Tensor>(kernel, { x: a!, filter: b!, dy: c! }, attributes),
    })),
  ];
});
rows.push({
  kernel: "Dilation2D",
  title: "int32",
  inputs: [ints([1, 2, 3, 4], [1, 2, 2, 1]), ints([1, 0], [1, 2, 1])],
  run: (x, filter) => tf.dilation2d(x!.as4D(1, 2, 2, 1), filter!.as3D(1, 2, 1), 1, "valid"),
  fallback: true,
});

parityTests("dilation.ts", dilation, rows);
