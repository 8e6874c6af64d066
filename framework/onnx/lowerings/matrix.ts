/** @file Matrix products. The export name is the TF.js kernel name. */
import type { Lowering } from "../lowering.ts";

export const BatchMatMul: Lowering<{ transposeA: boolean; transposeB: boolean }> = (
  builder,
  { a, b },
  { transposeA, transposeB },
) =>
  a!.dtype === "float32" && b!.dtype === "float32"
    ? builder.matMul(a!, b!, { transposeA, transposeB })
    : undefined;
