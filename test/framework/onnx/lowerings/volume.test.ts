import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import * as volume from "../../../../framework/onnx/lowerings/volume.ts";
import { floats, normal, onOrt, parityTests, shuffled, type Row } from "../../../support/parity.ts";

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
    { kernel, title: "same, strides", inputs, run: (x) => run(as5D(x!), [2, 3, 3], 2, "same") },
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

/** TF.js confuses the places of a window that is higher than wide: see below. */
const poolGradients = (["MaxPool3DGrad", "AvgPool3DGrad"] as const).flatMap((kernel): Row[] => {
  const shape: Rank5 = [2, 4, 5, 6, 2];
  const cases: [string, Lengths, Lengths, "same" | "valid" | number][] = [
    ["2 x 2 x 2 by 2", 2, 2, "valid"],
    ["3 x 3 x 3 that overlap, same", 3, 1, "same"],
    ["3 x 2 x 2 by 2, 1 and 2", [3, 2, 2], [2, 1, 2], "same"],
    ["padded by 1", 3, 2, 1],
  ];
  return cases.map(([title, filterSize, strides, pad]): Row => {
    const { outShape } = tf.backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad);
    return {
      kernel,
      title,
      inputs: [normal(outShape, "dy"), shuffled(shape)],
      run: (dy, input) => {
        const output = tf.maxPool3d(as5D(input!), filterSize, strides, pad);
        const inputs = { dy: dy!, input: input!, output };
        return tf.engine().runKernel<tf.Tensor>(kernel, inputs, { filterSize, strides, pad });
      },
    };
  });
});
poolGradients.push({
  kernel: "MaxPool3DGrad",
  title: "the last of equal elements gets the gradient",
  inputs: [floats([1, 1, 0, 1, 1, 1, 1, 0, 2, 2, 1, 2], [1, 2, 2, 3, 1])],
  run: (input) => {
    const dy = tf.tensor5d([1, 10], [1, 1, 1, 2, 1]);
    const output = tf.maxPool3d(as5D(input!), 2, 1, "valid");
    return tf
      .engine()
      .runKernel<tf.Tensor>(
        "MaxPool3DGrad",
        { dy, input: input!, output },
        { filterSize: 2, strides: 1, pad: "valid" },
      );
  },
});

parityTests("volume.ts", volume, [...convolutions, ...gradients, ...pools, ...poolGradients]);

describe("MaxPool3DGrad", () => {
  onOrt();
  it("finds the place in a window of any form, where TF.js's CPU kernel takes another's", () => {
    const x = tf.tensor5d([1, 2, 3, 4, 9, 8], [1, 1, 3, 2, 1]);
    const dx = tf.grad((each) => tf.maxPool3d(as5D(each), [1, 3, 1], 1, "valid"))(x);
    expect([...dx.dataSync()]).to.deep.equal([0, 0, 0, 0, 1, 1]);
    tf.dispose([x, dx]);
  });
});
