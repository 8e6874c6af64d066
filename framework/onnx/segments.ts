import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/**
 * Sums the rows that share a segment, as a product with a one-hot matrix: the order of the sum is
 * fixed, which a scatter does not promise.
 *
 * @param rows `[count, width]`
 * @param ids `[count]`, int32; rows with an id outside `0..segments-1` are left out
 * @returns `[segments, width]`
 */
export function sumSegments(
  builder: GraphBuilder,
  rows: GraphValue,
  ids: GraphValue,
  segments: number,
): GraphValue {
  const numbers = Int32Array.from({ length: segments }, (_, i) => i);
  const all = builder.graph.constant("int32", numbers, [1, segments]);
  const column = builder.reshape(ids, [builder.size(ids), 1]);
  const member = builder.cast(builder.binary("Equal", column, all, "bool"), "float32");
  return builder.matMul(member, rows, { transposeA: true });
}
