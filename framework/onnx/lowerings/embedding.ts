/** @file Rows of a table by id, and their gradient. The export name is the kernel name. */
import type { Lowering } from "../lowering.ts";

export const SeedbedEmbedding: Lowering = (builder, { table, ids }) => {
  if (ids!.dtype !== "int32") return undefined;
  const shape = [...ids!.shape, table!.shape[1]!];
  return builder.node("Gather", [table, ids], { shape, dtype: table!.dtype }, { axis: 0 });
};

/**
 * `ScatterElements` adds one element after the other, so the sums are the same in each run;
 * `ScatterND` would share the rows out among threads.
 */
export const SeedbedEmbeddingGradient: Lowering<{ rows: number }> = (
  builder,
  { dy, ids },
  { rows },
) => {
  if (ids!.dtype !== "int32") return undefined;
  const features = dy!.shape.at(-1)!;
  const count = builder.size(ids!);
  const updates = builder.reshape(dy!, [count, features]);
  const places = builder.broadcastTo(builder.reshape(ids!, [count, 1]), [count, features]);
  const zeros = builder.fill([rows, features], 0, "float32");
  const attributes = { axis: 0, reduction: "add" };
  return builder.node("ScatterElements", [zeros, places, updates], zeros, attributes);
};
