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

/** The mean of each window, in which what was padded does not count. */
export const averagePool: Pool = (builder, x, output, attributes) =>
  builder.node("AveragePool", [x], output, attributes);
