import type { Attributes, GraphValue, OutputInfo } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/** What ONNX Runtime starts from when it looks for a maximum: a float32, unlike TF.js. */
const lowest = -3.4028234663852886e38;

/** Pools `x [N, C, ...]` over windows. */
export type Pool = (
  builder: GraphBuilder,
  x: GraphValue,
  output: OutputInfo,
  attributes: Attributes,
) => GraphValue;

/** The largest of each window; -Infinity where there is nothing else. */
export const maxPool: Pool = (builder, x, output, attributes) => {
  const pooled = builder.node("MaxPool", [x], output, attributes);
  const isLowest = builder.binary("Equal", pooled, builder.scalar(lowest), "bool");
  return builder.where(isLowest, builder.scalar(-Infinity), pooled);
};

/**
 * The largest of each window, and where the first of them is in `x`, counted through: int64. A
 * window without numbers above -Infinity has -Infinity, and place -1. NaN counts for nothing.
 */
export function maxPoolWithPlaces(
  builder: GraphBuilder,
  x: GraphValue,
  { shape, dtype }: OutputInfo,
  attributes: Attributes,
): { values: GraphValue; places: GraphValue } {
  const nothing = builder.scalar(-Infinity);
  const isNaN = builder.node("IsNaN", [x], { shape: x.shape, dtype: "bool" });
  const numbers = builder.where(isNaN, nothing, x);
  const [pooled, found] = builder.graph.node("MaxPool", [numbers], attributes, [
    { shape, dtype },
    { shape, dtype: "int64" },
  ]);
  const isNone = builder.binary("LessOrEqual", pooled!, builder.scalar(lowest), "bool");
  return {
    values: builder.where(isNone, nothing, pooled!),
    places: builder.where(isNone, builder.scalar(-1, "int64"), found!),
  };
}

/** The mean of each window, in which what was padded does not count. */
export const averagePool: Pool = (builder, x, output, attributes) =>
  builder.node("AveragePool", [x], output, attributes);
