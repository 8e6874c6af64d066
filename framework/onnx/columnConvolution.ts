/**
 * @file Convolutions by columns (im2col): what each tap of the filter sees is put together, so that the
 * batch is one matrix product. Pays where an image has few positions: a product per image, as ONNX
 * Runtime's `Conv` does it, reads the filter for the sake of a few columns.
 */
import { rank4, sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { hasSmallImages, isMostlyUnseen, type Geometry } from "./convolutionGeometry.ts";
import type { GraphBuilder } from "./lowering.ts";

/** The batch as one product of the filter and all that its taps see. */
export function convolveByColumns(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  geometry: Geometry,
): GraphValue {
  const [outChannels, ...window] = geometry.filterShape;
  const rows = builder.reshape(filter, [outChannels, sizeOf(window)]);
  const product = builder.matMul(rows, columns(builder, x, geometry, filterRows(geometry)));
  const shifted = bias ? builder.add(product, builder.reshape(bias, [outChannels, 1])) : product;
  return batchFirst(builder, shifted, [
    geometry.inputShape[0],
    outChannels,
    ...geometry.outputSize,
  ]);
}

/** Each position's gradient is the sum of those of all taps that saw it. */
export function inputGradientByColumns(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  geometry: Geometry,
): GraphValue {
  const { inputShape, filterShape, outputSize } = geometry;
  const [outChannels, channels, ...kernel] = filterShape;
  const rows = builder.reshape(filter, [outChannels, channels * sizeOf(kernel)]);
  const seen = builder.matMul(rows, batchLast(builder, dy), { transposeA: true });
  if (isPointwise(geometry)) return batchFirst(builder, seen, inputShape);
  const [batch, , height, width] = inputShape;
  if (batch < fewImages || isMostlyUnseen(geometry)) return foldColumns(builder, seen, geometry);
  const positions = builder.reshape(seen, [channels, sizeOf(kernel) * sizeOf(outputSize), batch]);
  const byTap = take(builder, positions, seeingPositions(geometry));
  const taps = builder.reshape(byTap, [channels, sizeOf(kernel), height * width * batch]);
  return batchFirst(builder, builder.sum(taps, [1]), inputShape);
}

/** Images below which a position's row of the batch is too short to be moved as one. */
const fewImages = 4;

/** The same sum by ONNX's own operator. */
function foldColumns(builder: GraphBuilder, seen: GraphValue, geometry: Geometry): GraphValue {
  const { inputShape, filterShape, outputSize, strides, pads } = geometry;
  const [batch, , height, width] = inputShape;
  const [, ...window] = filterShape;
  const perPosition = builder.reshape(seen, [sizeOf(window), sizeOf(outputSize), batch]);
  const inputs = [
    builder.transpose(perPosition, [2, 0, 1]),
    builder.integers([height, width]),
    builder.integers(window.slice(1)),
  ];
  const attributes = { strides, pads, dilations: [1, 1] };
  return builder.node("Col2Im", inputs, { shape: inputShape, dtype: seen.dtype }, attributes);
}

/** Filters up to which the columns are the product's left side: the right one is copied in packing. */
const fewFilters = 64;

/**
 * The output's gradient times what the taps saw. Those of a small image are the columns of the
 * forward pass, which ONNX Runtime finds to be the same; a large image's are made row by row of the
 * filter, since all of them would not stay in a processor's cache.
 */
export function filterGradientByColumns(
  builder: GraphBuilder,
  x: GraphValue,
  dy: GraphValue,
  geometry: Geometry,
): GraphValue {
  const [outChannels, inChannels, height, width] = geometry.filterShape;
  const gradient = batchLast(builder, dy);
  const isFewFilters = outChannels <= fewFilters;
  const parts = columnParts(geometry).map((rows) => {
    const seen = columns(builder, x, geometry, rows);
    return isFewFilters
      ? builder.reshape(builder.matMul(seen, gradient, { transposeB: true }), [
          inChannels,
          rows.length * width,
          outChannels,
        ])
      : builder.reshape(builder.matMul(gradient, seen, { transposeB: true }), [
          outChannels,
          inChannels,
          rows.length * width,
        ]);
  });
  const all = parts.length > 1 ? builder.concat(parts, isFewFilters ? 1 : 2) : parts[0]!;
  if (!isFewFilters) return builder.reshape(all, geometry.filterShape);
  const byWindow = builder.reshape(all, [inChannels * height * width, outChannels]);
  return builder.reshape(builder.transpose(byWindow, [1, 0]), geometry.filterShape);
}

/** The filter's rows whose columns are put together at a time. */
function columnParts(geometry: Geometry): number[][] {
  const rows = filterRows(geometry);
  return hasSmallImages(geometry) ? [rows] : rows.map((row) => [row]);
}

function filterRows({ filterShape }: Geometry): number[] {
  return Array.from({ length: filterShape[2] }, (_, i) => i);
}

/** Whether each position sees itself alone. */
function isPointwise({ filterShape, strides, pads }: Geometry): boolean {
  return [...filterShape.slice(2), ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

/** What each tap of the filter's `rows` sees at each position: `[C * taps, H' * W' * N]`. */
function columns(
  builder: GraphBuilder,
  x: GraphValue,
  geometry: Geometry,
  rows: readonly number[],
): GraphValue {
  const [batch, channels, height, width] = geometry.inputShape;
  const image = batchLast(builder, x);
  if (isPointwise(geometry)) return image;
  const positions = builder.reshape(image, [channels, height * width, batch]);
  const seen = take(builder, positions, seenPositions(geometry, rows));
  const taps = rows.length * geometry.filterShape[3];
  return builder.reshape(seen, [channels * taps, sizeOf(geometry.outputSize) * batch]);
}

/** The rows of `[C, rows, N]` that stand at `places`; zeros for the place after the last. */
function take(builder: GraphBuilder, x: GraphValue, places: readonly number[]): GraphValue {
  const [channels = 1, rows = 1, batch = 1] = x.shape;
  const from = places.includes(rows) ? builder.pad(x, [0, 0, 0], [0, 1, 0]) : x;
  const shape = [channels, places.length, batch];
  return builder.node(
    "Gather",
    [from, builder.integers(places)],
    { shape, dtype: x.dtype },
    { axis: 1 },
  );
}

/** For each tap and output position, which input position it sees; their number where that is padding. */
function seenPositions(
  { inputShape, filterShape, outputSize, strides, pads }: Geometry,
  rows: readonly number[],
): number[] {
  const [, , height, width] = inputShape;
  const places: number[] = [];
  for (const i of rows) {
    for (let j = 0; j < filterShape[3]; j++) {
      for (let y = 0; y < outputSize[0]; y++) {
        for (let x = 0; x < outputSize[1]; x++) {
          const [row, column] = [y * strides[0] + i - pads[0], x * strides[1] + j - pads[1]];
          const isInside = row >= 0 && row < height && column >= 0 && column < width;
          places.push(isInside ? row * width + column : height * width);
        }
      }
    }
  }
  return places;
}

/** For each tap and input position, which place among {@link seenPositions} sees it; their number where none does. */
function seeingPositions(geometry: Geometry): number[] {
  const [, , height, width] = geometry.inputShape;
  const taps = geometry.filterShape[2] * geometry.filterShape[3];
  const seen = seenPositions(geometry, filterRows(geometry));
  const places = new Array<number>(taps * height * width).fill(seen.length);
  const positions = seen.length / taps;
  seen.forEach((place, i) => {
    if (place < height * width) places[Math.floor(i / positions) * height * width + place] = i;
  });
  return places;
}

/** `[N, C, H, W]` as `[C, H * W * N]`. */
function batchLast(builder: GraphBuilder, image: GraphValue): GraphValue {
  const [batch, channels, height, width] = rank4(image.shape);
  const rows = builder.transpose(image, [1, 2, 3, 0]);
  return builder.reshape(rows, [channels, height * width * batch]);
}

/** `[C, H * W * N]` as `[N, C, H, W]`. */
function batchFirst(builder: GraphBuilder, rows: GraphValue, shape: readonly number[]): GraphValue {
  const [batch, channels, height, width] = rank4(shape);
  const image = builder.reshape(rows, [channels, height, width, batch]);
  return builder.transpose(image, [3, 0, 1, 2]);
}

/** `[N, C, H, W]` as `[C, N * H * W]`. */
export function channelRows(builder: GraphBuilder, image: GraphValue): GraphValue {
  const [batch, channels, height, width] = rank4(image.shape);
  const rows = builder.transpose(image, [1, 0, 2, 3]);
  return builder.reshape(rows, [channels, batch * height * width]);
}
