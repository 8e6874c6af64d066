/** @file Values put where indices say. The export name is the TF.js kernel name. */
import { sizeOf } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { flatPlaces, scatterRows } from "../scatter.ts";

/** `data` with the slices at `indices` exchanged for `updates`, or all for one number. */
function replace(
  builder: GraphBuilder,
  data: GraphValue,
  indices: GraphValue,
  updates: GraphValue,
): GraphValue | undefined {
  const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  if (indices.dtype !== "int32" || data.dtype !== updates.dtype || depth === 0) return undefined;
  const lengths = data.shape.slice(0, depth);
  const count = builder.size(indices) / depth;
  const width = sizeOf(data.shape.slice(depth));
  const isOne = updates.shape.length === 0;
  if (!isOne && builder.size(updates) !== count * width) return undefined;
  const rows = isOne
    ? builder.broadcastTo(updates, [count, width])
    : builder.reshape(updates, [count, width]);
  const table = builder.reshape(data, [sizeOf(lengths), width]);
  const places = flatPlaces(builder, indices, lengths);
  return builder.reshape(scatterRows(builder, table, places, rows, "none"), data.shape);
}

/** The last of several updates of one place counts. */
export const TensorScatterUpdate: Lowering = (builder, { tensor, indices, updates }) =>
  replace(builder, tensor!, indices!, updates!);

export const SparseToDense: Lowering<{ outputShape: number[] }> = (
  builder,
  { sparseIndices, sparseValues, defaultValue },
  { outputShape },
) => {
  if (defaultValue!.dtype !== sparseValues!.dtype) return undefined;
  const everywhere = builder.broadcastTo(builder.reshape(defaultValue!, []), outputShape);
  return replace(builder, everywhere, sparseIndices!, sparseValues!);
};
