/** @file Comparisons, logic and selection. The export name is the TF.js kernel name. */
import { sameShape } from "../../base/shape.ts";
import type { Lowering } from "../lowering.ts";

const comparison =
  (op: string): Lowering =>
  (builder, { a, b }) =>
    a!.dtype !== b!.dtype || (a!.dtype === "bool" && op !== "Equal")
      ? undefined
      : builder.binary(op, a!, b!, "bool");

export const Equal: Lowering = comparison("Equal");
export const Greater: Lowering = comparison("Greater");
export const GreaterEqual: Lowering = comparison("GreaterOrEqual");
export const Less: Lowering = comparison("Less");
export const LessEqual: Lowering = comparison("LessOrEqual");

export const NotEqual: Lowering = (builder, { a, b }) =>
  a!.dtype === b!.dtype ? builder.unary("Not", builder.binary("Equal", a!, b!, "bool")) : undefined;

const logic =
  (op: string): Lowering =>
  (builder, { a, b }) =>
    builder.binary(op, builder.cast(a!, "bool"), builder.cast(b!, "bool"));

export const LogicalAnd: Lowering = logic("And");
export const LogicalOr: Lowering = logic("Or");
export const LogicalNot: Lowering = (builder, { x }) =>
  builder.unary("Not", builder.cast(x!, "bool"));

/** `t` where `condition` holds, else `e`; all of one shape, as `tf.where` makes them. */
export const Select: Lowering = (builder, { condition, t, e }) => {
  if (t!.dtype !== e!.dtype || !sameShape(condition!.shape, t!.shape)) return undefined;
  return builder.where(builder.cast(condition!, "bool"), t!, e!);
};
