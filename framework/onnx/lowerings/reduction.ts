/** @file Reductions, softmax and scans. The export name is the TF.js kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import { normalizeAxes, type Lowering } from "../lowering.ts";

interface ReductionAttributes {
  axis?: number | readonly number[] | null;
  keepDims?: boolean;
}

/**
 * NaN wherever there is one among the numbers: ONNX Runtime's maximum and minimum pass over them.
 * The sum of numbers cut to [-1, 1] is NaN for that reason alone.
 */
const reduction =
  (op: "ReduceMax" | "ReduceMin"): Lowering<ReductionAttributes> =>
  (builder, { x }, { axis, keepDims = false }) => {
    if (x!.dtype === "bool") return undefined;
    const axes = normalizeAxes(axis, x!.shape.length);
    const extreme = builder.reduce(op, x!, axes, keepDims);
    if (x!.dtype !== "float32" || axes.length === 0) return extreme;
    const cut = builder.node("Clip", [x, builder.scalar(-1), builder.scalar(1)], x!);
    const sum = builder.sum(cut, axes, keepDims);
    const isNaN = builder.node("IsNaN", [sum], { shape: sum.shape, dtype: "bool" });
    return builder.where(isNaN, sum, extreme);
  };

/** TF.js names the axes of this kernel alone differently. */
export const Max: Lowering<{
  reductionIndices?: number | readonly number[];
  keepDims?: boolean;
}> = (builder, inputs, { reductionIndices = null, keepDims = false }) =>
  reduction("ReduceMax")(builder, inputs, { axis: reductionIndices, keepDims });
export const Min: Lowering<ReductionAttributes> = reduction("ReduceMin");

/** TF.js sums booleans as int32. The squares of real numbers are summed without being kept. */
export const Sum: Lowering<ReductionAttributes> = (builder, { x }, { axis, keepDims = false }) => {
  const squared = squareOf(x!);
  if (squared) {
    const axes = normalizeAxes(axis, squared.shape.length);
    if (axes.length > 0 && axes.length === squared.shape.length) {
      return builder.reduce("ReduceSumSquare", squared, axes, keepDims);
    }
  }
  const numbers = x!.dtype === "bool" ? builder.cast(x!, "int32") : x!;
  return builder.sum(numbers, normalizeAxes(axis, x!.shape.length), keepDims);
};

/** What `x` is the square of, if it was just computed as one. */
function squareOf({ node, dtype }: GraphValue): GraphValue | undefined {
  const [a, b] = node?.inputs ?? [];
  return node?.op === "Mul" && a === b && dtype === "float32" ? a : undefined;
}

export const Prod: Lowering<ReductionAttributes> = (builder, { x }, { axis, keepDims = false }) => {
  const numbers = x!.dtype === "bool" ? builder.cast(x!, "int32") : x!;
  return builder.reduce("ReduceProd", numbers, normalizeAxes(axis, x!.shape.length), keepDims);
};

export const Mean: Lowering<ReductionAttributes> = (builder, { x }, { axis, keepDims = false }) =>
  builder.mean(builder.cast(x!, "float32"), normalizeAxes(axis, x!.shape.length), keepDims);

/** ONNX has no And or Or over an axis: count instead. */
const truth =
  (op: "ReduceMin" | "ReduceMax"): Lowering<ReductionAttributes> =>
  (builder, { x }, { axis, keepDims = false }) => {
    const ones = builder.cast(x!, "int32");
    const axes = normalizeAxes(axis, x!.shape.length);
    return builder.cast(builder.reduce(op, ones, axes, keepDims), "bool");
  };

export const All: Lowering<ReductionAttributes> = truth("ReduceMin");
export const Any: Lowering<ReductionAttributes> = truth("ReduceMax");

/**
 * The first extreme number. Of NaN, which ONNX Runtime treats now so, now otherwise, TF.js takes
 * the first element for the extreme, and no other.
 *
 * @param least a number that is no extreme beside any other
 */
const extremum =
  (op: "ArgMax" | "ArgMin", least: number): Lowering<{ axis: number }> =>
  (builder, { x }, { axis }) => {
    if (x!.dtype === "bool") return undefined;
    const at = normalizeAxes(axis, x!.shape.length)[0]!;
    const shape = x!.shape.toSpliced(at, 1);
    const find = (values: GraphValue): GraphValue => {
      const output = { shape, dtype: "int64" } as const;
      const index = builder.node(op, [values], output, { axis: at, keepdims: 0 });
      return builder.cast(index, "int32");
    };
    if (x!.dtype === "int32") return find(x!);
    const isNaN = builder.node("IsNaN", [x], { shape: x!.shape, dtype: "bool" });
    const zeros = x!.shape.map(() => 0);
    const first = builder.reshape(builder.slice(isNaN, zeros, x!.shape.with(at, 1)), shape);
    const found = find(builder.where(isNaN, builder.scalar(least), x!));
    return builder.where(first, builder.scalar(0, "int32"), found);
  };

export const ArgMax: Lowering<{ axis: number }> = extremum("ArgMax", -Infinity);
export const ArgMin: Lowering<{ axis: number }> = extremum("ArgMin", Infinity);

export const Softmax: Lowering<{ dim: number }> = (builder, { logits }, { dim }) =>
  builder.unary("Softmax", logits!, { axis: dim });

interface ScanAttributes {
  axis: number;
  /** Whether each result leaves out the element of its own place. */
  exclusive: boolean;
  /** From the last element to the first. */
  reverse: boolean;
}

export const Cumsum: Lowering<ScanAttributes> = (builder, { x }, { axis, exclusive, reverse }) => {
  const along = builder.graph.constant("int64", BigInt64Array.of(BigInt(axis)), []);
  const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
  return x!.dtype === "bool" ? undefined : builder.node("CumSum", [x, along], x!, attributes);
};

/** Length of an axis up to which each product is worth a node of its own. */
const maxProducts = 64;

/** One product after the other: in another order what is too large, or too small, would differ. */
export const Cumprod: Lowering<ScanAttributes> = (builder, { x }, { axis, exclusive, reverse }) => {
  const numbers = x!.dtype === "bool" ? builder.cast(x!, "int32") : x!;
  const { shape, dtype } = numbers;
  const [at] = normalizeAxes(axis, shape.length);
  if (at === undefined || shape[at]! > maxProducts) return undefined;
  const ones = Array.from({ length: shape[at]! }, () => 1);
  const slices = builder.graph.node(
    "Split",
    [numbers, builder.integers(ones)],
    { axis: at },
    ones.map(() => ({ shape: shape.with(at, 1), dtype })),
  );
  const factors = reverse ? slices.toReversed() : [...slices];
  let product = exclusive ? builder.fill(shape.with(at, 1), 1, dtype) : factors.shift()!;
  const products = [product];
  for (const factor of exclusive ? factors.slice(0, -1) : factors) {
    product = builder.mul(product, factor);
    products.push(product);
  }
  return builder.concat(reverse ? products.toReversed() : products, at);
};
