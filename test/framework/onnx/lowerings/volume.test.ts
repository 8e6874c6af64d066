import * as tf from "@tensorflow/tfjs";

import * as volume from "../../../../framework/onnx/lowerings/volume.ts";
import { floats, normal, parityTests, shuffled, type Row } from "../../../support/parity.ts";

type Rank5 = [number, number, number, number, number];
type Lengths = number | [number, number, number];

function as5D(x: tf.Tensor): tf.Tensor5D {
  const [a = 1, b = 1, c = 1, d = 1, e = 1] = x.shape;
  return x.reshape<tf.Tensor5D>([a, b, c, d, e]);
}

interface Convolution {
  image: Rank5;
  filter: Rank5;
  strides?: Lengths;
  pad: "same" | "valid";
  dilations?: Lengths;
}

const cases: Convolution[] = [
  { image: [1, 3, 4, 5, 2], filter: [2, 2, 2, 2, 3], pad: "valid" },
  { image: [2, 4, 3, 4, 2], filter: [3, 2, 3, 2, 2], pad: "same" },
  { image: [1, 5, 6, 4, 1], filter: [2, 3, 1, 1, 2], strides: [2, 3, 1], pad: "valid" },
  { image: [2, 5, 4, 4, 2], filter: [3, 3, 3, 2, 1], strides: 2, pad: "same" },
  { image: [1, 5, 5, 5, 1], filter: [2, 2, 2, 1, 1], pad: "valid", dilations: 2 },
];

/** Their gradients are kernels of this file as well, and tested with them. */
const convolutions = cases.map(({ image, filter, strides = 1, pad, dilations = 1 }): Row => ({
  kernel: "Conv3D",
  title: `[${image.join()}] with [${filter.join()}], ${pad}, strides ${strides.toString()}`,
  inputs: [normal(image), normal(filter, "filter")],
  run: (x, w) => tf.conv3d(as5D(x!), as5D(w!), strides, pad, "NDHWC", dilations),
  gradient: dilations === 1, // TF.js has none
}));

const gradients: Row[] = [
  {
    kernel: "Conv3DBackpropInputV2",
    title: "as a transposed convolution",
    inputs: [normal([1, 2, 2, 3, 2], "dy"), normal([2, 2, 2, 1, 2], "filter")],
    run: (dy, w) => tf.conv3dTranspose(as5D(dy!), as5D(w!), [1, 4, 4, 6, 1], 2, "same"),
    gradient: false, // TF.js has none
  },
  ...([1, 2] as const).map((strides): Row => ({
    kernel: "Conv3DBackpropFilterV2",
    title: `strides ${strides}`,
    inputs: [
      normal([2, 4, 4, 5, 2]),
      normal(strides === 1 ? [2, 4, 4, 5, 3] : [2, 2, 2, 3, 3], "dy"),
    ],
    run: (x, dy) =>
      tf
        .engine()
        .runKernel<tf.Tensor>(
          "Conv3DBackpropFilterV2",
          { x: x!, dy: dy! },
          { strides, pad: "same", filterShape: [3, 2, 3, 2, 3] },
        ),
  })),
];

const pools = ([tf.maxPool3d, tf.avgPool3d] as const).flatMap((run): Row[] => {
  const kernel = run === tf.maxPool3d ? "MaxPool3D" : "AvgPool3D";
  const inputs = [shuffled([2, 4, 5, 3, 2])];
  return [
    { kernel, title: "valid", inputs, run: (x) => run(as5D(x!), 2, 1, "valid") },
    { kernel, title: "same, strides", inputs, run: (x) => run(as5D(x!), [2, 3, 2], 2, "same") },
    { kernel, title: "padded by 1", inputs, run: (x) => run(as5D(x!), 3, 2, 1, "floor") },
    {
      kernel,
      title: "rounded up",
      inputs,
      run: (x) => run(as5D(x!), 2, 2, 0, "ceil"),
      fallback: true,
      gradient: false, // TF.js's does not know its size
    },
    {
      kernel,
      title: "infinities",
      inputs: [floats([-Infinity, -Infinity, 1, Infinity], [1, 1, 2, 2, 1])],
      run: (x) => run(as5D(x!), [1, 1, 2], 1, "valid"),
      gradient: false, // infinities do not move
    },
  ];
});

parityTests("volume.ts", volume, [...convolutions, ...gradients, ...pools]);
