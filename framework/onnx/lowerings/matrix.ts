/** @file Matrix products. The export name is the TF.js kernel name. */
import { applyActivation, type FusedActivation } from "../fusedActivation.ts";
import type { Lowering } from "../lowering.ts";

export const BatchMatMul: Lowering<{ transposeA: boolean; transposeB: boolean }> = (
  builder,
  { a, b },
  { transposeA, transposeB },
) =>
  a!.dtype === "float32" && b!.dtype === "float32"
    ? builder.matMul(a!, b!, { transposeA, transposeB })
    : undefined;

/** A product of matrices plus bias, through an activation. */
export const _FusedMatMul: Lowering<
  FusedActivation & { transposeA: boolean; transposeB: boolean }
> = (builder, { a, b, bias, preluActivationWeights: alpha }, attributes) => {
  if ([a, b, bias, alpha].some((value) => value && value.dtype !== "float32")) return undefined;
  const { transposeA, transposeB } = attributes;
  const product = builder.matMul(a!, b!, { transposeA, transposeB });
  return applyActivation(builder, bias ? builder.add(product, bias) : product, attributes, alpha);
};

/** Sums of products by the letters of an equation such as `bij,bjk->bik`. */
export const Einsum: Lowering<{ equation: string }> = (builder, inputs, { equation }) => {
  const values = Object.values(inputs);
  const plain = equation.replaceAll(/\s/g, "");
  const [left, right] = plain.split("->");
  const terms = left!.split(",");
  const repeats = [...terms, right ?? ""].some((term) => new Set(term).size < term.length);
  if (right === undefined || repeats || values.some(({ dtype }) => dtype !== "float32")) {
    return undefined;
  }
  const lengths = new Map(
    terms.flatMap((term, i) =>
      term.split("").map((letter, axis) => [letter, values[i]!.shape[axis]!]),
    ),
  );
  const shape = right.split("").map((letter) => lengths.get(letter)!);
  return builder.node("Einsum", values, { shape, dtype: "float32" }, { equation: plain });
};
