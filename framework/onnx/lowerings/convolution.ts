/** @file Our own NCHW convolution and its gradients. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

type Four = readonly [number, number, number, number];

interface ConvolutionAttributes {
  /** Vertical and horizontal. */
  strides: readonly [number, number];
  /** Top, left, bottom, right. */
  pads: Four;
}

function outputLength(length: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((length + padding - kernel) / stride) + 1;
}

function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [batch, , height, width] = x.shape as Four;
  const [channels, , kernelHeight, kernelWidth] = filter.shape as Four;
  const shape = [
    batch,
    channels,
    outputLength(height, kernelHeight, strides[0], pads[0] + pads[2]),
    outputLength(width, kernelWidth, strides[1], pads[1] + pads[3]),
  ];
  const attributes = { strides, pads, kernel_shape: [kernelHeight, kernelWidth] };
  const inputs = bias ? [x, filter, bias] : [x, filter];
  return builder.node("Conv", inputs, { shape, dtype: x.dtype }, attributes);
}

/** `x [N, C, H, W]` with `filter [O, C, kh, kw]` and perhaps `bias [O]`. */
export const SeedbedConv2d: Lowering<ConvolutionAttributes> = (
  builder,
  { x, filter, bias },
  attributes,
) => convolve(builder, x!, filter!, bias, attributes);

/**
 * The gradient for the input. With stride 1 it is itself a convolution, of the output's gradient
 * with the filter turned by 180 degrees and its channels exchanged.
 */
export const SeedbedConv2dInputGradient: Lowering<
  ConvolutionAttributes & { inputShape: number[] }
> = (builder, { dy, filter }, { inputShape, strides, pads }) => {
  const [, , kernelHeight, kernelWidth] = filter!.shape as Four;
  if (strides[0] !== 1 || strides[1] !== 1) {
    return transposedConvolution(builder, dy!, filter!, inputShape, { strides, pads });
  }
  const exchanged = builder.transpose(filter!, [1, 0, 2, 3]);
  const turned = turn(builder, exchanged);
  const [top, left, bottom, right] = pads;
  return convolve(builder, dy!, turned, undefined, {
    strides,
    pads: [
      kernelHeight - 1 - top,
      kernelWidth - 1 - left,
      kernelHeight - 1 - bottom,
      kernelWidth - 1 - right,
    ],
  });
};

/** A filter turned by 180 degrees. */
function turn(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [, , height, width] = filter.shape as Four;
  if (height === 1 && width === 1) return filter;
  const lists = [
    [-1, -1],
    [-(2 ** 31), -(2 ** 31)],
    [2, 3],
    [-1, -1],
  ];
  return builder.node("Slice", [filter, ...lists.map((l) => builder.integers(l))], filter);
}

function transposedConvolution(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  inputShape: readonly number[],
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [, , kernelHeight, kernelWidth] = filter.shape as Four;
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

/**
 * The gradient for the filter: for each of its taps, the output's gradient times the input as
 * that tap saw it. The batch is part of the inner dimension, so nothing is summed afterwards.
 */
export const SeedbedConv2dFilterGradient: Lowering<
  ConvolutionAttributes & { filterShape: number[] }
> = (builder, { x, dy }, { filterShape, strides, pads }) => {
  const [outChannels, inChannels, kernelHeight, kernelWidth] = filterShape as unknown as Four;
  const [batch, , height, width] = dy!.shape as Four;
  const positions = batch * height * width;
  const gradient = builder.reshape(builder.transpose(dy!, [1, 0, 2, 3]), [outChannels, positions]);
  const [top, left, bottom, right] = pads;
  const last = builder.transpose(x!, [0, 2, 3, 1]);
  const padded = builder.pad(last, [0, top, left, 0], [0, bottom, right, 0]);
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const ends = [
        batch,
        i + (height - 1) * strides[0] + 1,
        j + (width - 1) * strides[1] + 1,
        inChannels,
      ];
      const step = strides[0] === 1 && strides[1] === 1 ? undefined : [1, ...strides, 1];
      const seen = builder.slice(padded, [0, i, j, 0], ends, step);
      taps.push(builder.matMul(gradient, builder.reshape(seen, [positions, inChannels])));
    }
  }
  if (taps.length === 1) return builder.reshape(taps[0]!, filterShape);
  const stacked = builder.concat(
    taps.map((tap) => builder.reshape(tap, [outChannels, inChannels, 1])),
    2,
  );
  return builder.reshape(stacked, filterShape);
};

/** Doubles height and width by repeating: `[N, C, H, W]` to `[N, C, 2H, 2W]`. */
export const SeedbedUpsampleNearest2x: Lowering = (builder, { x }) => {
  const [batch, channels, height, width] = x!.shape as Four;
  const cells = builder.reshape(x!, [batch, channels, height, 1, width, 1]);
  const repeated = builder.broadcastTo(cells, [batch, channels, height, 2, width, 2]);
  return builder.reshape(repeated, [batch, channels, height * 2, width * 2]);
};

/** Each cell's gradient is the sum of its four copies': four times their mean. */
export const SeedbedUpsampleNearest2xGradient: Lowering = (builder, { dy }) => {
  const [batch, channels, height, width] = dy!.shape as Four;
  const shape = [batch, channels, height / 2, width / 2];
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const mean = builder.node("AveragePool", [dy], { shape, dtype: dy!.dtype }, attributes);
  return builder.mul(mean, builder.scalar(4));
};
