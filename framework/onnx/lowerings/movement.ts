/** @file Kernels that move elements without computing. The export name is the TF.js kernel name. */
import { sameShape } from "../../base/shape.ts";
import type { GraphType, GraphValue } from "../../graph/graph.ts";
import { normalizeAxes, type GraphBuilder, type Lowering } from "../lowering.ts";
import { sumSegments } from "../segments.ts";

export const Transpose: Lowering<{ perm: number[] }> = (builder, { x }, { perm }) =>
  builder.transpose(x!, perm);

const low32Bits = 2 ** 32 - 1;

/**
 * To int32 as JavaScript does it: the low bits of what is too large, 0 for NaN and infinities. By
 * way of int64, with a mask between: ONNX Runtime makes one of two casts in a row.
 */
function truncate(builder: GraphBuilder, x: GraphValue): GraphValue {
  const bits = builder.scalar(low32Bits, "int64");
  return builder.cast(builder.binary("BitwiseAnd", builder.cast(x, "int64"), bits), "int32");
}

export const Cast: Lowering<{ dtype: string }> = (builder, { x }, { dtype }) => {
  if (dtype === "bool") {
    const zero = builder.scalar(0, x!.dtype);
    if (x!.dtype === "bool") return x!;
    return builder.unary("Not", builder.binary("Equal", x!, zero, "bool"));
  }
  if (dtype === "int32" && x!.dtype === "float32") {
    return truncate(builder, x!);
  }
  return dtype === "float32" || dtype === "int32" ? builder.cast(x!, dtype) : undefined;
};

export const Concat: Lowering<{ axis: number }> = (builder, inputs, { axis }) => {
  const values = Object.values(inputs);
  const first = values[0]!;
  const at = normalizeAxes(axis, first.shape.length)[0]!;
  const fits = values.every(
    ({ dtype, shape }) =>
      dtype === first.dtype && sameShape(shape.toSpliced(at, 1), first.shape.toSpliced(at, 1)),
  );
  return fits ? builder.concat(values, at) : undefined;
};

/** Stacks along a new axis. */
export const Pack: Lowering<{ axis: number }> = (builder, inputs, { axis }) => {
  const values = Object.values(inputs);
  const { shape, dtype } = values[0]!;
  if (values.some((value) => value.dtype !== dtype || !sameShape(value.shape, shape))) {
    return undefined;
  }
  const [at] = normalizeAxes(axis, shape.length + 1);
  const expanded = values.map((value) => builder.reshape(value, shape.toSpliced(at!, 0, 1)));
  return builder.concat(expanded, at!);
};

export const Unpack: Lowering<{ axis: number }> = (builder, { value }, { axis }) => {
  const { shape } = value!;
  const [at] = normalizeAxes(axis, shape.length);
  return Array.from({ length: shape[at!]! }, (_, i) => {
    const starts = shape.map((_length, j) => (j === at ? i : 0));
    const ends = shape.with(at!, i + 1);
    return builder.reshape(builder.slice(value!, starts, ends), shape.toSpliced(at!, 1));
  });
};

export const SplitV: Lowering<{ numOrSizeSplits: number | number[]; axis: number }> = (
  builder,
  { x },
  { numOrSizeSplits, axis },
) => {
  const { shape } = x!;
  const [at] = normalizeAxes(axis, shape.length);
  const total = shape[at!]!;
  const sizes =
    typeof numOrSizeSplits === "number"
      ? Array.from({ length: numOrSizeSplits }, () => total / numOrSizeSplits)
      : numOrSizeSplits;
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const open = sizes.filter((size) => size < 0).length;
  if (open > 1 || known > total || (open === 0 && known < total)) return undefined;
  let from = 0;
  return sizes.map((size) => {
    const length = size < 0 ? total - known : size;
    const starts = shape.map((_, j) => (j === at ? from : 0));
    from += length;
    return builder.slice(x!, starts, shape.with(at!, from));
  });
};

export const Slice: Lowering<{ begin: number | number[]; size?: number | number[] }> = (
  builder,
  { x },
  { begin, size },
) => {
  const { shape } = x!;
  const starts = shape.map((_, i) =>
    typeof begin === "number" ? (i === 0 ? begin : 0) : (begin[i] ?? 0),
  );
  const ends = shape.map((length, i) => {
    const wanted = typeof size === "number" ? (i === 0 ? size : -1) : (size?.[i] ?? -1);
    return wanted < 0 ? length : starts[i]! + wanted;
  });
  const inside = shape.every((length, i) => starts[i]! >= 0 && ends[i]! <= length);
  return inside ? builder.slice(x!, starts, ends) : undefined;
};

export const Reverse: Lowering<{ dims: number | number[] }> = (builder, { x }, { dims }) => {
  const axes = normalizeAxes(dims, x!.shape.length);
  if (axes.length === 0) return undefined;
  const lists = [axes.map(() => -1), axes.map(() => -(2 ** 31)), axes, axes.map(() => -1)].map(
    (list) => builder.integers(list),
  );
  return builder.node("Slice", [x, ...lists], x!);
};

export const Tile: Lowering<{ reps: number[] }> = (builder, { x }, { reps }) => {
  const shape = x!.shape.map((length, i) => length * reps[i]!);
  return builder.node("Tile", [x, builder.integers(reps)], { shape, dtype: x!.dtype });
};

export const PadV2: Lowering<{ paddings: [number, number][]; constantValue: number }> = (
  builder,
  { x },
  { paddings, constantValue },
) =>
  x!.dtype === "bool"
    ? undefined
    : builder.pad(
        x!,
        paddings.map(([before]) => before),
        paddings.map(([, after]) => after),
        constantValue,
      );

export const Fill: Lowering<{ shape: number[]; value: number; dtype?: GraphType }> = (
  builder,
  _inputs,
  { shape, value, dtype = "float32" },
) => (typeof value === "number" ? builder.fill(shape, value, dtype) : undefined);

export const ZerosLike: Lowering = (builder, { x }) => builder.fill(x!.shape, 0, x!.dtype);
export const OnesLike: Lowering = (builder, { x }) => builder.fill(x!.shape, 1, x!.dtype);

export const GatherV2: Lowering<{ axis: number; batchDims: number }> = (
  builder,
  { x, indices },
  { axis, batchDims },
) => {
  if (batchDims !== 0 || indices!.dtype !== "int32") return undefined;
  const [at] = normalizeAxes(axis, x!.shape.length);
  const shape = x!.shape.toSpliced(at!, 1, ...indices!.shape);
  return builder.node("Gather", [x, indices], { shape, dtype: x!.dtype }, { axis: at! });
};

export const UnsortedSegmentSum: Lowering<{ numSegments: number }> = (
  builder,
  { x, segmentIds },
  { numSegments },
) => {
  if (x!.dtype !== "float32" || segmentIds!.shape.length !== 1) return undefined;
  const count = segmentIds!.shape[0]!;
  const rows = builder.reshape(x!, [count, builder.size(x!) / count]);
  const sums = sumSegments(builder, rows, segmentIds!, numSegments);
  return builder.reshape(sums, [numSegments, ...x!.shape.slice(1)]);
};

export const OneHot: Lowering<{
  depth: number;
  onValue: number;
  offValue: number;
  dtype: string;
}> = (builder, { indices }, { depth, onValue, offValue, dtype }) => {
  if (dtype !== "float32" && dtype !== "int32") return undefined;
  const { shape } = indices!;
  const numbers = Int32Array.from({ length: depth }, (_, i) => i);
  const all = builder.graph.constant("int32", numbers, [depth]);
  const column = builder.reshape(builder.cast(indices!, "int32"), [...shape, 1]);
  const hit = builder.binary("Equal", column, all, "bool");
  return builder.where(hit, builder.scalar(onValue, dtype), builder.scalar(offValue, dtype));
};
