/** @file Our own NCHW convolution and its gradients. The export name is the kernel name. */
import { rank4, type Rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import { convolveBlocked, paysBlocked } from "../blockedConvolution.ts";
import {
  geometryOf,
  hasFewPositions,
  isTiny,
  type ConvolutionAttributes,
} from "../convolutionGeometry.ts";
import { filterGradient } from "../filterGradient.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { convolveTiny, tinyFilterGradient, tinyInputGradient } from "../tinyConvolution.ts";

function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [channels, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const { outputSize } = geometryOf(x.shape, filter.shape, { strides, pads });
  const shape = [x.shape[0]!, channels, ...outputSize];
  if (paysBlocked(builder, x, filter, outputSize)) {
    return convolveBlocked(builder, x, filter, bias, { strides, pads, shape });
  }
  const attributes = { strides, pads, kernel_shape: [kernelHeight, kernelWidth] };
  const inputs = bias ? [x, filter, bias] : [x, filter];
  return builder.node("Conv", inputs, { shape, dtype: x.dtype }, attributes);
}

/** `x [N, C, H, W]` with `filter [O, C, kh, kw]` and perhaps `bias [O]`. */
export const SeedbedConv2d: Lowering<ConvolutionAttributes> = (
  builder,
  { x, filter, bias },
  attributes,
) => {
  const geometry = geometryOf(x!.shape, filter!.shape, attributes);
  return isTiny(geometry)
    ? convolveTiny(builder, x!, filter!, bias, geometry)
    : convolve(builder, x!, filter!, bias, attributes);
};

/**
 * The gradient for the input. With stride 1 it is itself a convolution, of the output's gradient
 * with the filter turned by 180 degrees and its channels exchanged; with few positions turning costs
 * more than one product for all taps.
 */
export const SeedbedConv2dInputGradient: Lowering<
  ConvolutionAttributes & { inputShape: number[] }
> = (builder, { dy, filter }, { inputShape, strides, pads }) => {
  const geometry = geometryOf(inputShape, filter!.shape, { strides, pads });
  if (isTiny(geometry) || (hasFewPositions(geometry) && !builder.target.isDevice)) {
    return tinyInputGradient(builder, dy!, filter!, geometry);
  }
  const [, , kernelHeight, kernelWidth] = geometry.filterShape;
  if (strides[0] !== 1 || strides[1] !== 1) {
    return transposedConvolution(builder, dy!, filter!, inputShape, { strides, pads });
  }
  const [top, left, bottom, right] = pads;
  return convolveOrCrop(builder, dy!, turn(builder, filter!), [
    kernelHeight - 1 - top,
    kernelWidth - 1 - left,
    kernelHeight - 1 - bottom,
    kernelWidth - 1 - right,
  ]);
};

/** With stride 1; negative pads take away rows and columns, which saw padding alone. */
function convolveOrCrop(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  [top, left, bottom, right]: Rank4,
): GraphValue {
  const [batch, channels, height, width] = rank4(x.shape);
  const starts = [0, 0, Math.max(0, -top), Math.max(0, -left)];
  const ends = [batch, channels, height - Math.max(0, -bottom), width - Math.max(0, -right)];
  const seen = builder.slice(x, starts, ends);
  const pads: Rank4 = [
    Math.max(0, top),
    Math.max(0, left),
    Math.max(0, bottom),
    Math.max(0, right),
  ];
  return convolve(builder, seen, filter, undefined, { strides: [1, 1], pads });
}

/**
 * A filter turned by 180 degrees, its channels exchanged: `[O, C, kh, kw]` to `[C, O, kh, kw]`. Rows
 * as long as the channels are moved, which is faster than moving taps (measured: docs/decisions/0003).
 */
function turn(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [outputs, inputs, height, width] = rank4(filter.shape);
  const taps = height * width;
  const rows = builder.transpose(builder.reshape(filter, [outputs, inputs * taps]), [1, 0]);
  const byTap = builder.reshape(rows, [inputs, taps, outputs]);
  const reversed = Array.from({ length: taps }, (_, i) => taps - 1 - i);
  const turned =
    taps === 1
      ? byTap
      : builder.node("Gather", [byTap, builder.integers(reversed)], byTap, { axis: 1 });
  return builder.reshape(builder.transpose(turned, [0, 2, 1]), [inputs, outputs, height, width]);
}

function transposedConvolution(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  inputShape: readonly number[],
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const missing = [kernelHeight, kernelWidth].map((kernel, i) => {
    const padding = pads[i]! + pads[i + 2]!;
    return inputShape[i + 2]! - ((dy.shape[i + 2]! - 1) * strides[i]! + kernel - padding);
  });
  const attributes = {
    strides,
    pads,
    kernel_shape: [kernelHeight, kernelWidth],
    output_padding: missing,
  };
  return builder.node(
    "ConvTranspose",
    [dy, filter],
    { shape: inputShape, dtype: dy.dtype },
    attributes,
  );
}

/** The gradient for the filter. */
export const SeedbedConv2dFilterGradient: Lowering<
  ConvolutionAttributes & { filterShape: number[] }
> = (builder, { x, dy }, attributes) => {
  const geometry = geometryOf(x!.shape, attributes.filterShape, attributes);
  const gradient = isTiny(geometry) ? tinyFilterGradient : filterGradient;
  return gradient(builder, x!, dy!, geometry);
};

/** Doubles height and width by repeating: `[N, C, H, W]` to `[N, C, 2H, 2W]`. */
export const SeedbedUpsampleNearest2x: Lowering = (builder, { x }) => {
  const [batch, channels, height, width] = rank4(x!.shape);
  const scales = builder.graph.constant("float32", Float32Array.of(1, 1, 2, 2), [4]);
  const output = { shape: [batch, channels, height * 2, width * 2], dtype: x!.dtype };
  return builder.node("Resize", [x, undefined, scales], output, {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
};

/** Each cell's gradient is the sum of its four copies': four times their mean. */
export const SeedbedUpsampleNearest2xGradient: Lowering = (builder, { dy }) => {
  const [batch, channels, height, width] = rank4(dy!.shape);
  const shape = [batch, channels, height / 2, width / 2];
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const mean = builder.node("AveragePool", [dy], { shape, dtype: dy!.dtype }, attributes);
  return builder.mul(mean, builder.scalar(4));
};
