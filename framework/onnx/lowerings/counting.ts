/** @file How often numbers occur. The export name is the TF.js kernel name. */
import type * as tf from "@tensorflow/tfjs";

import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { scatterRows } from "../scatter.ts";

interface Counting {
  /** `[rows, count]`, int32; what is below 0 is refused, and what is not below `size` left out. */
  x: GraphValue;
  /** As many as `x` has, or none, which is 1 each. */
  weights: GraphValue;
  size: number;
  /** 1 for what occurs, however often. */
  binary: boolean;
}

/** The weights of each number up to `size`, added up in order: `[rows, size]`. */
function countRows(
  builder: GraphBuilder,
  { x, weights, size, binary }: Counting,
): GraphValue | undefined {
  const { dtype } = weights;
  if (x.dtype !== "int32" || dtype === "bool") return undefined;
  const [rows = 1, count = 1] = x.shape;
  const bins = size + 1; // the last for what is left out
  const bin = builder.binary("Min", x, builder.scalar(size, "int32"));
  const firstBins = Int32Array.from({ length: rows }, (_, row) => row * bins);
  const inRow = builder.add(bin, builder.graph.constant("int32", firstBins, [rows, 1]));
  const isNegative = builder.binary("Less", x, builder.scalar(0, "int32"), "bool");
  const places = builder.where(isNegative, builder.scalar(-1, "int32"), inRow);
  const isWeighted = builder.size(weights) > 0 && !binary;
  const updates = isWeighted
    ? builder.reshape(weights, [rows * count, 1])
    : builder.fill([rows * count, 1], 1, dtype);
  const sums = scatterRows(
    builder,
    builder.fill([rows * bins, 1], 0, dtype),
    builder.reshape(places, [rows * count]),
    updates,
    binary ? "none" : "add",
  );
  return builder.slice(builder.reshape(sums, [rows, bins]), [0, 0], [rows, size]);
}

function countAll(
  builder: GraphBuilder,
  x: GraphValue,
  weights: GraphValue,
  size: number,
): GraphValue | undefined {
  const row = builder.reshape(x, [1, builder.size(x)]);
  const counts = countRows(builder, { x: row, weights, size, binary: false });
  return counts && builder.reshape(counts, [size]);
}

export const Bincount: Lowering<tf.BincountAttrs> = (builder, { x, weights }, { size }) =>
  countAll(builder, x!, weights!, size);

/** Row by row. TF.js knows no `binaryOutput` of a single row. */
export const DenseBincount: Lowering<tf.DenseBincountAttrs> = (
  builder,
  { x, weights },
  { size, binaryOutput = false },
) => {
  const rank = x!.shape.length;
  if (rank === 1) return countAll(builder, x!, weights!, size);
  return rank === 2
    ? countRows(builder, { x: x!, weights: weights!, size, binary: binaryOutput })
    : undefined;
};
