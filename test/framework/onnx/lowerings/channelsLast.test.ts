import * as tf from "@tensorflow/tfjs";

import * as channelsLast from "../../../../framework/onnx/lowerings/channelsLast.ts";
import { floats, normal, parityTests, uniform, type Row } from "../../../support/parity.ts";

type Padding =
  | "same"
  | "valid"
  | number
  | [[number, number], [number, number], [number, number], [number, number]];

interface Case {
  title: string;
  /** `[batch, height, width, channels]` */
  x: [number, number, number, number];
  /** `[height, width, channels, outputs]` */
  filter: [number, number, number, number];
  strides?: [number, number];
  pad?: Padding;
  dilations?: [number, number];
}

const cases: Case[] = [
  { title: "3 x 3, valid", x: [2, 5, 6, 3], filter: [3, 3, 3, 2], pad: "valid" },
  { title: "3 x 3, same", x: [2, 5, 6, 3], filter: [3, 3, 3, 2] },
  { title: "2 x 2, same, which pads one side", x: [1, 5, 4, 2], filter: [2, 2, 2, 3] },
  { title: "stride 2, same", x: [1, 7, 6, 2], filter: [3, 3, 2, 2], strides: [2, 2] },
  {
    title: "strides 2 and 3, valid",
    x: [1, 9, 8, 2],
    filter: [2, 3, 2, 2],
    strides: [2, 3],
    pad: "valid",
  },
  { title: "padded by a number", x: [1, 5, 5, 2], filter: [3, 3, 2, 2], pad: 1 },
  {
    title: "padded explicitly",
    x: [1, 5, 5, 2],
    filter: [3, 3, 2, 2],
    pad: [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 0],
    ],
  },
  { title: "1 x 1", x: [2, 3, 3, 4], filter: [1, 1, 4, 5] },
];
const dilated: Case = {
  title: "dilated",
  x: [1, 8, 9, 2],
  filter: [3, 2, 2, 2],
  pad: "valid",
  dilations: [2, 3],
};
const tolerance = 2e-5; // sums of tens of products in another order

const convolutions = [...cases, dilated].map((each): Row => ({
  kernel: "Conv2D",
  title: each.title,
  inputs: [normal(each.x), normal(each.filter, "filter")],
  run: (x, filter) =>
    tf.conv2d(
      x!.as4D(...each.x),
      filter!.as4D(...each.filter),
      each.strides ?? 1,
      each.pad ?? "same",
      "NHWC",
      each.dilations ?? 1,
    ),
  gradient: each !== dilated, // TF.js has none for dilation
  tolerance,
}));

/** The kernels that are gradients, called by the operations whose forward pass they are. */
const transposed = cases
  .filter(({ pad = "same" }) => typeof pad !== "object")
  .map((each): Row => {
    const { x, filter, strides = [1, 1], pad = "same" } = each;
    const y = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad).outShape;
    return {
      kernel: "Conv2DBackpropInput",
      title: `transposed convolution, ${each.title}`,
      inputs: [normal(y), normal(filter, "filter")],
      run: (dy, weights) =>
        tf.conv2dTranspose(
          dy!.as4D(...y),
          weights!.as4D(...filter),
          x,
          strides,
          typeof pad === "object" ? "same" : pad,
        ),
      tolerance,
    };
  });

const filterGradients = cases.map((each): Row => {
  const { x, filter, strides = [1, 1], pad = "same" } = each;
  const { outShape } = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad);
  return {
    kernel: "Conv2DBackpropFilter",
    title: each.title,
    inputs: [normal(x), normal(outShape, "dy")],
    run: (images, dy) =>
      tf
        .engine()
        .runKernel<tf.Tensor>(
          "Conv2DBackpropFilter",
          { x: images!, dy: dy! },
          { strides, pad, dataFormat: "NHWC", filterShape: filter },
        ),
    tolerance,
  };
});

const depthwise = [...cases, dilated].flatMap((each): Row[] => {
  const { x, strides = [1, 1], pad = "same", dilations = [1, 1] } = each;
  const filter: Case["filter"] = [each.filter[0], each.filter[1], x[3], 2];
  const { outShape } = tf.backend_util.computeConv2DInfo(
    x,
    filter,
    strides,
    dilations,
    pad,
    undefined,
    true,
  );
  const attributes = { strides, pad, dilations, inputShape: x, filterShape: filter };
  const forward: Row = {
    kernel: "DepthwiseConv2dNative",
    title: each.title,
    inputs: [normal(x), normal(filter, "filter")],
    run: (images, weights) =>
      tf.depthwiseConv2d(
        images!.as4D(...x),
        weights!.as4D(...filter),
        strides,
        pad,
        "NHWC",
        dilations,
      ),
    gradient: each !== dilated, // TF.js's kernels ignore the dilation there
    tolerance,
  };
  if (each === dilated) return [forward];
  return [
    forward,
    {
      kernel: "DepthwiseConv2dNativeBackpropInput",
      title: each.title,
      inputs: [normal(outShape, "dy"), normal(filter, "filter")],
      run: (dy, weights) =>
        tf
          .engine()
          .runKernel<tf.Tensor>(
            "DepthwiseConv2dNativeBackpropInput",
            { dy: dy!, filter: weights! },
            attributes,
          ),
      tolerance,
    },
    {
      kernel: "DepthwiseConv2dNativeBackpropFilter",
      title: each.title,
      inputs: [normal(x), normal(outShape, "dy")],
      run: (images, dy) =>
        tf
          .engine()
          .runKernel<tf.Tensor>(
            "DepthwiseConv2dNativeBackpropFilter",
            { x: images!, dy: dy! },
            attributes,
          ),
      tolerance,
    },
  ];
});

const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

const fused = activations.flatMap((activation): Row[] => {
  const inputs = [
    normal([2, 5, 5, 3]),
    normal([3, 3, 3, 4], "f"),
    normal([4], "bias"),
    uniform([4], 0.1, 0.9, "a"),
  ];
  return [
    {
      kernel: "FusedConv2D",
      title: activation,
      inputs,
      run: (x, filter, bias, alpha) =>
        tf.fused.conv2d({
          x: x!.as4D(2, 5, 5, 3),
          filter: filter!.as4D(3, 3, 3, 4),
          strides: 1,
          pad: "same",
          bias: bias!,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === "prelu" ? { preluActivationWeights: alpha! } : {}),
        }),
      gradient: false, // with a gradient TF.js runs the parts
      tolerance,
    },
    {
      kernel: "FusedDepthwiseConv2D",
      title: activation,
      inputs: [normal([2, 5, 5, 2]), normal([3, 3, 2, 2], "f"), ...inputs.slice(2)],
      run: (x, filter, bias, alpha) =>
        tf.fused.depthwiseConv2d({
          x: x!.as4D(2, 5, 5, 2),
          filter: filter!.as4D(3, 3, 2, 2),
          strides: 1,
          pad: "same",
          bias: bias!,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === "prelu" ? { preluActivationWeights: alpha! } : {}),
        }),
      gradient: false, // with a gradient TF.js runs the parts
      tolerance,
    },
  ];
});

const others: Row[] = [
  {
    kernel: "Conv2D",
    title: "channels first",
    inputs: [normal([2, 3, 5, 6]), normal([3, 3, 3, 2], "filter")],
    run: (x, filter) => tf.conv2d(x!.as4D(2, 3, 5, 6), filter!.as4D(3, 3, 3, 2), 2, "same", "NCHW"),
    gradient: false, // TF.js has none for this format
    tolerance,
  },
  {
    kernel: "FusedConv2D",
    title: "channels first, bias per channel",
    inputs: [normal([2, 3, 5, 5]), normal([3, 3, 3, 4], "filter"), normal([4], "bias")],
    run: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x!.as4D(2, 3, 5, 5),
        filter: filter!.as4D(3, 3, 3, 4),
        strides: 1,
        pad: "same",
        dataFormat: "NCHW",
        bias: bias!,
        activation: "relu",
      }),
    gradient: false, // TF.js has none for this format
    tolerance,
  },
  {
    kernel: "Conv2D",
    title: "lengths rounded up",
    inputs: [normal([1, 6, 6, 1]), normal([3, 3, 1, 1], "filter")],
    run: (x, filter) =>
      tf.conv2d(x!.as4D(1, 6, 6, 1), filter!.as4D(3, 3, 1, 1), 2, 0, "NHWC", 1, "ceil"),
    fallback: true,
    gradient: false, // the same in both: the CPU kernel's
  },
  {
    kernel: "FusedBatchNorm",
    title: "per channel",
    inputs: [
      normal([2, 3, 3, 4]),
      normal([4], "mean"),
      uniform([4], 0.5, 2, "variance"),
      normal([4], "offset"),
      normal([4], "scale"),
    ],
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x!, mean!.as1D(), variance!.as1D(), offset!.as1D(), scale!.as1D(), 1e-3),
    tolerance,
  },
  {
    kernel: "FusedBatchNorm",
    title: "per element, neither scale nor offset",
    inputs: [normal([2, 3]), normal([2, 3], "mean"), uniform([2, 3], 0.5, 2, "variance")],
    run: (x, mean, variance) =>
      tf.batchNorm2d(x!.as2D(2, 3), mean!.as2D(2, 3), variance!.as2D(2, 3)),
    gradient: false, // TF.js needs a scale for it
    tolerance,
  },
  {
    kernel: "FusedBatchNorm",
    title: "no variance",
    inputs: [floats([1, 2], [1, 2]), floats([1, 1]), floats([0, 0])],
    run: (x, mean, variance) => tf.batchNorm2d(x!.as2D(1, 2), mean!.as1D(), variance!.as1D()),
    gradient: false, // TF.js needs a scale for it
    tolerance: 1e-4, // divided by the root of epsilon
  },
];

const parts: Row[] = [
  {
    kernel: "Conv2DBackpropInput",
    title: "a gradient larger than the output",
    inputs: [normal([1, 4, 4, 2], "dy"), normal([3, 3, 1, 2], "filter")],
    run: (dy, filter) =>
      tf.conv2dTranspose(dy!.as4D(1, 4, 4, 2), filter!.as4D(3, 3, 1, 2), [1, 2, 2, 1], 1, "same"),
    gradient: false, // of the same kind
    fallback: true,
  },
];

parityTests("channelsLast.ts", channelsLast, [
  ...convolutions,
  ...transposed,
  ...filterGradients,
  ...depthwise,
  ...fused,
  ...others,
  ...parts,
]);
