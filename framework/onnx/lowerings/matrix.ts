/** @file Matrix products. The export name is the TF.js kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import { applyActivation, type FusedActivation } from "../fusedActivation.ts";
import type { Lowering } from "../lowering.ts";

/** Whether two matrices, or batches of them, may be multiplied. */
function areMultipliable(
  a: GraphValue,
  b: GraphValue,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): boolean {
  const isMatrix = a.shape.length >= 2 && b.shape.length >= 2;
  return isMatrix && a.shape.at(transposeA ? -2 : -1) === b.shape.at(transposeB ? -1 : -2);
}

export const BatchMatMul: Lowering<{ transposeA: boolean; transposeB: boolean }> = (
  builder,
  { a, b },
  transposes,
) =>
  a!.dtype === "float32" && b!.dtype === "float32" && areMultipliable(a!, b!, transposes)
    ? builder.matMul(a!, b!, transposes)
    : undefined;

/** A product of matrices plus bias, through an activation. */
export const _FusedMatMul: Lowering<
  FusedActivation & { transposeA: boolean; transposeB: boolean }
> = (builder, { a, b, bias, preluActivationWeights: alpha }, attributes) => {
  if ([a, b, bias, alpha].some((value) => value && value.dtype !== "float32")) return undefined;
  if (!areMultipliable(a!, b!, attributes)) return undefined;
  const { transposeA, transposeB } = attributes;
  const product = builder.matMul(a!, b!, { transposeA, transposeB });
  return applyActivation(builder, bias ? builder.add(product, bias) : product, attributes, alpha);
};

/** Whether each tensor has an axis for every letter of its term; TF.js takes two at most. */
function areOf(terms: readonly string[], values: readonly GraphValue[]): boolean {
  return (
    terms.length === values.length &&
    terms.length <= 2 &&
    terms.every((term, i) => term.length === values[i]!.shape.length)
  );
}

/** Sums of products by the letters of an equation such as `bij,bjk->bik`. */
export const Einsum: Lowering<{ equation: string }> = (builder, inputs, { equation }) => {
  const values = Object.values(inputs);
  const plain = equation.replaceAll(/\s/g, "");
  const [left, right, ...rest] = plain.split("->");
  const terms = left!.split(",");
  const repeats = [...terms, right ?? ""].some((term) => new Set(term).size < term.length);
  if (right === undefined || rest.length > 0 || repeats) return undefined;
  if (values.some(({ dtype }) => dtype !== "float32") || !areOf(terms, values)) return undefined;
  const axes = terms.flatMap((term, i) =>
    term.split("").map((letter, axis) => [letter, values[i]!.shape[axis]!] as const),
  );
  const lengths = new Map(axes);
  if (axes.some(([letter, length]) => lengths.get(letter) !== length)) return undefined;
  const shape = right.split("").map((letter) => lengths.get(letter) ?? 0);
  if (shape.includes(0)) return undefined;
  return builder.node("Einsum", values, { shape, dtype: "float32" }, { equation: plain });
};
