/** @file Shapes that are tensors. The export name is the TF.js kernel name. */
import type { Lowering } from "../lowering.ts";

/**
 * The shape that two shapes broadcast to: of each pair of lengths the one that is not 1. Where
 * both are not and differ, a place that does not exist is asked for, and running it fails.
 */
export const BroadcastArgs: Lowering = (builder, { s0, s1 }) => {
  const rank = Math.max(builder.size(s0!), builder.size(s1!));
  const [a, b] = [s0!, s1!].map((shape) => {
    return builder.pad(shape, [rank - builder.size(shape)], [0], 1);
  });
  const one = builder.scalar(1, "int32");
  const places = (from: number): Int32Array =>
    Int32Array.from({ length: rank }, (_, i) => from + i);
  const [first, second, nowhere] = [0, rank, 2 * rank].map((from) =>
    builder.graph.constant("int32", places(from), [rank]),
  );
  const isEqual = builder.binary("Equal", a!, b!, "bool");
  const fits = builder.binary("Or", builder.binary("Equal", b!, one, "bool"), isEqual);
  const place = builder.where(
    builder.binary("Equal", a!, one, "bool"),
    second!,
    builder.where(fits, first!, nowhere!),
  );
  const both = builder.concat([a!, b!], 0);
  return builder.node("Gather", [both, place], { shape: [rank], dtype: "int32" }, { axis: 0 });
};
