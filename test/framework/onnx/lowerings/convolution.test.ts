import {
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  upsampleNearest2x,
  upsampleNearest2xGradient,
} from "../../../../framework/nn/ops/index.ts";
import * as convolution from "../../../../framework/onnx/lowerings/convolution.ts";
import { normal, parityTests, type Row } from "../../../support/parity.ts";

interface Case {
  title: string;
  /** `[batch, channels, height, width]` */
  x: [number, number, number, number];
  filter: [number, number, number, number];
  strides?: [number, number];
  pads?: [number, number, number, number];
}

const cases: Case[] = [
  { title: "1 x 1", x: [2, 3, 4, 5], filter: [4, 3, 1, 1] },
  { title: "3 x 3, no padding", x: [2, 3, 5, 6], filter: [4, 3, 3, 3] },
  { title: "3 x 3, even padding", x: [2, 3, 5, 6], filter: [4, 3, 3, 3], pads: [1, 1, 1, 1] },
  {
    title: "more padding than the filter reaches",
    x: [1, 2, 3, 3],
    filter: [2, 2, 2, 2],
    pads: [2, 2, 2, 2],
  },
  {
    title: "stride 2, padded below and right",
    x: [1, 2, 6, 6],
    filter: [3, 2, 3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  },
  {
    title: "strides that leave a row over",
    x: [2, 2, 6, 5],
    filter: [2, 2, 3, 2],
    strides: [2, 3],
    pads: [1, 0, 0, 1],
  },
  {
    title: "strides that leave a row over, more positions",
    x: [2, 2, 8, 12],
    filter: [2, 2, 3, 2],
    strides: [2, 3],
    pads: [1, 0, 0, 1],
  },
  { title: "few positions", x: [4, 3, 2, 2], filter: [5, 3, 3, 3], pads: [1, 1, 1, 1] },
  {
    title: "few positions, stride 2",
    x: [3, 2, 4, 4],
    filter: [3, 2, 3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  },
  {
    title: "steps longer than the filter",
    x: [4, 2, 7, 8],
    filter: [3, 2, 2, 2],
    strides: [5, 4],
    pads: [0, 1, 0, 0],
  },
  { title: "a filter as large as an image", x: [5, 2, 4, 3], filter: [3, 2, 4, 3] },
  {
    title: "a filter larger than an image",
    x: [4, 2, 3, 2],
    filter: [3, 2, 5, 4],
    pads: [2, 1, 1, 2],
  },
  { title: "stride 2 of 1 x 1", x: [1, 2, 5, 5], filter: [3, 2, 1, 1], strides: [2, 2] },
  { title: "3 x 1", x: [1, 2, 5, 4], filter: [3, 2, 3, 1], pads: [1, 0, 1, 0] },
  {
    title: "many positions, one product per image",
    x: [2, 2, 17, 16],
    filter: [3, 2, 3, 3],
    pads: [1, 1, 1, 1],
  },
  {
    title: "fewer positions than filters, one product",
    x: [1, 2, 3, 4],
    filter: [12, 2, 3, 2],
    pads: [1, 0, 1, 1],
  },
  {
    title: "fewer positions than filters, stride 2",
    x: [1, 2, 6, 8],
    filter: [12, 2, 3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  },
  { title: "a large filter matrix", x: [1, 64, 16, 16], filter: [128, 64, 1, 1] },
];

function rowsOf({ title, x, filter, strides = [1, 1], pads = [0, 0, 0, 0] }: Case): Row[] {
  const geometry = { strides, pads };
  const length = (axis: 0 | 1): number =>
    Math.floor(
      (x[axis + 2]! + pads[axis]! + pads[axis + 2]! - filter[axis + 2]!) / strides[axis]!,
    ) + 1;
  const dy = normal([x[0], filter[0], length(0), length(1)], "dy");
  const tolerance = 1e-4; // sums of hundreds of products in another order
  return [
    {
      kernel: "SeedbedConv2d",
      title,
      inputs: [normal(x), normal(filter, "filter"), normal([filter[0]], "bias")],
      run: (input, weights, bias) => conv2d(input!, weights!, bias, geometry),
      tolerance,
    },
    {
      kernel: "SeedbedConv2d",
      title: `${title}, no bias`,
      inputs: [normal(x), normal(filter, "filter")],
      run: (input, weights) => conv2d(input!, weights!, undefined, geometry),
      tolerance,
    },
    {
      kernel: "SeedbedConv2dInputGradient",
      title,
      inputs: [dy, normal(filter, "filter")],
      run: (gradient, weights) => conv2dInputGradient(gradient!, weights!, x, geometry),
      tolerance,
    },
    {
      kernel: "SeedbedConv2dFilterGradient",
      title,
      inputs: [normal(x), dy],
      run: (input, gradient) => conv2dFilterGradient(input!, gradient!, filter, geometry),
      tolerance,
    },
  ];
}

const upsampling: Row[] = [
  [1, 1, 1, 1],
  [2, 3, 4, 5],
].flatMap((shape): Row[] => [
  {
    kernel: "SeedbedUpsampleNearest2x",
    title: shape.join(" x "),
    inputs: [normal(shape)],
    run: (x) => upsampleNearest2x(x!),
  },
  {
    kernel: "SeedbedUpsampleNearest2xGradient",
    title: shape.join(" x "),
    inputs: [normal([shape[0]!, shape[1]!, shape[2]! * 2, shape[3]! * 2])],
    run: (dy) => upsampleNearest2xGradient(dy!),
  },
]);

parityTests("convolution.ts", convolution, [...cases.flatMap(rowsOf), ...upsampling]);
