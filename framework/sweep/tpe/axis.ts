import type { NumberDomain } from "../../spec/distributions.ts";
import { scalar, toPlain, type SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { clampPlace, placeInDistribution } from "../placeInDistribution.ts";
import { sampleDomain, toMultiple } from "../sampleDomain.ts";
import { choiceKernels } from "./choiceKernels.ts";
import { numberKernels, type NumberRange } from "./numberKernels.ts";
import type { Kernels } from "./parzen.ts";

/** How a parameter's values are numbers that kernels can stand on. */
export interface Axis {
  toNumber(value: SpecNode): number;
  toValue(number: number): SpecNode;
  kernels(observations: readonly number[]): Kernels;
}

/**
 * Kernels may be half as wide as Optuna's: of a few good points each says where it is. With as many draws
 * as `tpe` compares, it finds better points of all functions of `npm run bench:searchers`.
 */
const finer = 2;

/** Choices are their indices; what has no bounds is its place in its distribution. */
export function axisOf({ domain, origin }: SweepParameter): Axis {
  if (domain.kind === "categorical") return choiceAxis(domain.values);
  const range = rangeOf(domain);
  const toNumber = (value: SpecNode): number => Number(toPlain(value));
  const kernels = (observations: readonly number[]): Kernels =>
    numberKernels(range ?? { low: 0, high: 1 }, observations, finer);
  if (!range) {
    return {
      toNumber: (value) => placeInDistribution(domain, toNumber(value)),
      toValue: (place) => sampleDomain(domain, clampPlace(place), origin),
      kernels,
    };
  }
  const rounds = domain.kind === "q_log_uniform_values";
  return {
    toNumber: (value) => Math.min(range.high, Math.max(range.low, toNumber(value))),
    toValue: (number) => scalar(rounds ? toMultiple(number, domain.q) : number, origin),
    kernels,
  };
}

function choiceAxis(values: readonly SpecNode[]): Axis {
  return {
    toNumber: (value) => values.indexOf(value),
    toValue: (index) => values[index]!,
    kernels: (observations) => choiceKernels(values.length, observations),
  };
}

/** Undefined for distributions without bounds. */
function rangeOf({ kind, min, max, q }: NumberDomain): NumberRange | undefined {
  if (kind === "int_uniform") return { low: min, high: max, step: 1 };
  if (kind === "uniform") return { low: min, high: max };
  if (kind === "q_uniform") return { low: toMultiple(min, q), high: toMultiple(max, q), step: q };
  return kind.includes("log_uniform") ? { low: min, high: max, log: true } : undefined;
}
