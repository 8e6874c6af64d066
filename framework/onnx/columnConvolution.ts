/**
 * @file Convolutions by columns (im2col): what each tap of the filter sees is put together, so that the
 * batch is one matrix product. Pays where an image has few positions: a product per image, as ONNX
 * Runtime's `Conv` does it, reads the filter for the sake of a few columns.
 */
import { rank4, sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { Geometry } from "./convolutionGeometry.ts";
import type { GraphBuilder } from "./lowering.ts";

/** The batch as one product of the filter and all that its taps see. */
export function convolveByColumns(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  geometry: Geometry,
): GraphValue {
  const { inputShape, filterShape, outputSize } = geometry;
  const [outChannels, ...window] = filterShape;
  const rows = builder.reshape(filter, [outChannels, sizeOf(window)]);
  const product = builder.matMul(rows, columns(builder, x, geometry));
  const shifted = bias ? builder.add(product, builder.reshape(bias, [outChannels, 1])) : product;
  const image = builder.reshape(shifted, [outChannels, inputShape[0], ...outputSize]);
  return builder.transpose(image, [1, 0, 2, 3]);
}

/** Each position's gradient goes back to all that its taps saw. */
export function inputGradientByColumns(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  geometry: Geometry,
): GraphValue {
  const { inputShape, filterShape, outputSize, strides, pads } = geometry;
  const [outChannels, ...window] = filterShape;
  const [batch, channels, height, width] = inputShape;
  const rows = builder.reshape(filter, [outChannels, sizeOf(window)]);
  const seen = builder.matMul(rows, channelRows(builder, dy), { transposeA: true });
  if (isPointwise(geometry)) {
    return builder.transpose(builder.reshape(seen, [channels, batch, height, width]), [1, 0, 2, 3]);
  }
  const perImage = builder.reshape(seen, [sizeOf(window), batch, sizeOf(outputSize)]);
  const inputs = [
    builder.transpose(perImage, [1, 0, 2]),
    builder.integers([height, width]),
    builder.integers(filterShape.slice(2)),
  ];
  const attributes = { strides, pads, dilations: [1, 1] };
  return builder.node("Col2Im", inputs, { shape: inputShape, dtype: dy.dtype }, attributes);
}

/** Whether each position sees itself alone. */
function isPointwise({ filterShape, strides, pads }: Geometry): boolean {
  return [...filterShape.slice(2), ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

/** Uses the columns of the forward pass: ONNX Runtime finds that they are the same. */
export function filterGradientByColumns(
  builder: GraphBuilder,
  x: GraphValue,
  dy: GraphValue,
  geometry: Geometry,
): GraphValue {
  const seen = columns(builder, x, geometry);
  const product = builder.matMul(channelRows(builder, dy), seen, { transposeB: true });
  return builder.reshape(product, geometry.filterShape);
}

/** What each tap sees at each position: `[C * kh * kw, N * H' * W']`. */
function columns(builder: GraphBuilder, x: GraphValue, geometry: Geometry): GraphValue {
  const { inputShape, filterShape, outputSize, strides, pads } = geometry;
  const [batch, channels] = inputShape;
  const [, , kernelHeight, kernelWidth] = filterShape;
  const [top, left, bottom, right] = pads;
  const first = builder.transpose(x, [1, 0, 2, 3]);
  const padded = builder.pad(first, [0, 0, top, left], [0, 0, bottom, right]);
  const step = strides[0] === 1 && strides[1] === 1 ? undefined : [1, 1, ...strides];
  const positions = batch * sizeOf(outputSize);
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const ends = [
        i + (outputSize[0] - 1) * strides[0] + 1,
        j + (outputSize[1] - 1) * strides[1] + 1,
      ];
      const seen = builder.slice(padded, [0, 0, i, j], [channels, batch, ...ends], step);
      taps.push(builder.reshape(seen, [channels, 1, positions]));
    }
  }
  return builder.reshape(builder.concat(taps, 1), [channels * taps.length, positions]);
}

/** `[N, C, H, W]` as `[C, N * H * W]`. */
export function channelRows(builder: GraphBuilder, image: GraphValue): GraphValue {
  const [batch, channels, height, width] = rank4(image.shape);
  const rows = builder.transpose(image, [1, 0, 2, 3]);
  return builder.reshape(rows, [channels, batch * height * width]);
}
