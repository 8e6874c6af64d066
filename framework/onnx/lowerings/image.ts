/** @file Resizing and flipping images `[N, H, W, C]`. The export name is the TF.js kernel name. */
import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

interface Sampling {
  /** Whether the corner pixels' centres stay where they are. */
  alignCorners: boolean;
  halfPixelCenters?: boolean;
}

/** Pixels of the old axis to one of the new. */
function ratio(from: number, to: number, alignCorners: boolean): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** For each new pixel, the old one nearest to it. */
function nearest(
  from: number,
  to: number,
  { alignCorners, halfPixelCenters = false }: Sampling,
): number[] {
  const scale = ratio(from, to, alignCorners);
  return Array.from({ length: to }, (_, i) => {
    const at = scale * (halfPixelCenters ? i + 0.5 : i);
    return Math.max(0, Math.min(from - 1, alignCorners ? Math.round(at) : Math.floor(at)));
  });
}

interface Neighbours {
  before: number[];
  after: number[];
  /** Weight of `after`; the rest is that of `before`. */
  weight: number[];
}

/** For each new pixel, the old ones on both sides of it. */
function neighbours(
  from: number,
  to: number,
  { alignCorners, halfPixelCenters = false }: Sampling,
): Neighbours {
  const scale = ratio(from, to, alignCorners);
  const at = Array.from({ length: to }, (_, i) =>
    halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i,
  );
  const before = at.map((position) => Math.max(0, Math.floor(position)));
  return {
    before,
    after: at.map((position) => Math.min(from - 1, Math.ceil(position))),
    weight: at.map((position, i) => position - before[i]!),
  };
}

/** Elements `indices` of an axis. */
function gather(
  builder: GraphBuilder,
  x: GraphValue,
  indices: readonly number[],
  axis: number,
): GraphValue {
  const output = { shape: x.shape.with(axis, indices.length), dtype: x.dtype };
  return builder.node("Gather", [x, builder.integers(indices)], output, { axis });
}

export const ResizeNearestNeighbor: Lowering<Sampling & { size: [number, number] }> = (
  builder,
  { images },
  { size, ...sampling },
) => {
  const [, height, width] = rank4(images!.shape);
  const rows = gather(builder, images!, nearest(height, size[0], sampling), 1);
  return gather(builder, rows, nearest(width, size[1], sampling), 2);
};

/** Blends the axis' neighbours. */
function blend(
  builder: GraphBuilder,
  x: GraphValue,
  { before, after, weight }: Neighbours,
  axis: number,
): GraphValue {
  const low = gather(builder, x, before, axis);
  const high = gather(builder, x, after, axis);
  const shape = x.shape.map((_, i) => (i === axis ? weight.length : 1));
  const weights = builder.graph.constant("float32", Float32Array.from(weight), shape);
  return builder.add(low, builder.mul(builder.sub(high, low), weights));
}

export const ResizeBilinear: Lowering<Sampling & { size: [number, number] }> = (
  builder,
  { images },
  { size, ...sampling },
) => {
  const [, height, width] = rank4(images!.shape);
  const floats = builder.cast(images!, "float32");
  const columns = blend(builder, floats, neighbours(width, size[1], sampling), 2);
  return blend(builder, columns, neighbours(height, size[0], sampling), 1);
};

/** A matrix `[to, from]` as rows of pairs (column, value), values of one column added up. */
function matrix(
  builder: GraphBuilder,
  from: number,
  rows: readonly (readonly [number, number])[][],
): GraphValue {
  const values = new Float32Array(rows.length * from);
  for (const [i, row] of rows.entries()) {
    for (const [column, value] of row) values[i * from + column]! += value;
  }
  return builder.graph.constant("float32", values, [rows.length, from]);
}

/** Multiplies both axes of an image by the transpose of a matrix `[new, old]`. */
function transposed(
  builder: GraphBuilder,
  dy: GraphValue,
  rows: GraphValue,
  columns: GraphValue,
): GraphValue {
  const [batch, height, width, channels] = rank4(dy.shape);
  const [oldHeight, oldWidth] = [rows.shape[1]!, columns.shape[1]!];
  const flat = builder.reshape(dy, [batch, height, width * channels]);
  const down = builder.matMul(rows, flat, { transposeA: true });
  const lines = builder.reshape(down, [batch * oldHeight, width, channels]);
  const across = builder.matMul(columns, lines, { transposeA: true });
  return builder.reshape(across, [batch, oldHeight, oldWidth, channels]);
}

export const ResizeNearestNeighborGrad: Lowering<Sampling> = (
  builder,
  { images, dy },
  { alignCorners },
) => {
  const [from, to] = [rank4(images!.shape), rank4(dy!.shape)];
  const [rows, columns] = ([1, 2] as const).map((axis) => {
    const sources = nearest(from[axis], to[axis], { alignCorners });
    return matrix(
      builder,
      from[axis],
      sources.map((source) => [[source, 1]]),
    );
  });
  return transposed(builder, dy!, rows!, columns!);
};

/** TF.js's kernel gives the wrong shape for images that are not square: not followed there. */
export const ResizeBilinearGrad: Lowering<Sampling> = (
  builder,
  { images, dy },
  { alignCorners },
) => {
  const [from, to] = [rank4(images!.shape), rank4(dy!.shape)];
  const [rows, columns] = ([1, 2] as const).map((axis) => {
    const { before, after, weight } = neighbours(from[axis], to[axis], { alignCorners });
    const pairs = weight.map((w, i): [number, number][] => [
      [before[i]!, 1 - w],
      [after[i]!, w],
    ]);
    return matrix(builder, from[axis], pairs);
  });
  return transposed(builder, dy!, rows!, columns!);
};

export const FlipLeftRight: Lowering = (builder, { image }) => {
  const [, , width] = rank4(image!.shape);
  const order = Array.from({ length: width }, (_, i) => width - 1 - i);
  return gather(builder, image!, order, 2);
};
