import { sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/**
 * The places of `indices` counted through, the last axis running fastest.
 *
 * @param indices `[..., depth]`, int32
 * @param lengths of the `depth` axes that they point into
 * @returns `[count]`
 */
export function flatPlaces(
  builder: GraphBuilder,
  indices: GraphValue,
  lengths: readonly number[],
): GraphValue {
  const steps = Int32Array.from(lengths, (_, axis) => sizeOf(lengths.slice(axis + 1)));
  const strides = builder.graph.constant("int32", steps, [lengths.length]);
  const rows = builder.reshape(indices, [builder.size(indices) / lengths.length, lengths.length]);
  return builder.sum(builder.mul(rows, strides), [1]);
}

/**
 * `data [rows, width]` with `updates[i]` put into row `places[i]`, or added to it, for one `i`
 * after the other, so that the last counts. Running it fails for a place that is not a row's.
 *
 * @param places `[count]`, int32
 * @param updates `[count, width]`
 */
export function scatterRows(
  builder: GraphBuilder,
  data: GraphValue,
  places: GraphValue,
  updates: GraphValue,
  reduction: "none" | "add",
): GraphValue {
  // ONNX counts places below 0 from the end.
  const isNegative = builder.binary("Less", places, builder.scalar(0, "int32"), "bool");
  const checked = builder.where(isNegative, builder.scalar(data.shape[0]!, "int32"), places);
  const column = builder.reshape(checked, [builder.size(places), 1]);
  const everywhere = builder.broadcastTo(column, updates.shape);
  return builder.node("ScatterElements", [data, everywhere, updates], data, { axis: 0, reduction });
}
