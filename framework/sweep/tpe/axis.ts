import type { NumberDomain } from "../../spec/distributions.ts";
import { scalar, toPlain, type SpecNode } from "../../spec/specNode.ts";
import type { SweepParameter } from "../../spec/sweepParameters.ts";
import { incompleteBeta } from "../betaQuantile.ts";
import { logNormalCdf } from "../normalMass.ts";
import { sampleDomain, toMultiple } from "../sampleDomain.ts";
import { choiceParzen } from "./choiceParzen.ts";
import { numberParzen, type NumberRange } from "./numberParzen.ts";
import type { Parzen } from "./parzen.ts";

/** How a parameter's values are numbers that kernels can stand on. */
export interface Axis {
  toNumber(value: SpecNode): number;
  toValue(number: number): SpecNode;
  parzen(observations: readonly number[]): Parzen;
}

/** Choices are their indices; what has no bounds is its place in its distribution. */
export function axisOf({ domain, origin }: SweepParameter): Axis {
  if (domain.kind === "categorical") return choiceAxis(domain.values);
  const range = rangeOf(domain);
  const toNumber = (value: SpecNode): number => Number(toPlain(value));
  const parzen = (observations: readonly number[]): Parzen =>
    numberParzen(range ?? { low: 0, high: 1 }, observations);
  if (!range) {
    return {
      toNumber: (value) => placeOf(domain, toNumber(value)),
      toValue: (place) => sampleDomain(domain, clampPlace(place), origin),
      parzen,
    };
  }
  const rounds = domain.kind === "q_log_uniform_values";
  return {
    toNumber: (value) => Math.min(range.high, Math.max(range.low, toNumber(value))),
    toValue: (number) => scalar(rounds ? toMultiple(number, domain.q) : number, origin),
    parzen,
  };
}

function choiceAxis(values: readonly SpecNode[]): Axis {
  return {
    toNumber: (value) => values.indexOf(value),
    toValue: (index) => values[index]!,
    parzen: (observations) => choiceParzen(values.length, observations),
  };
}

/** Undefined for distributions without bounds. */
function rangeOf({ kind, min, max, q }: NumberDomain): NumberRange | undefined {
  if (kind === "int_uniform") return { low: min, high: max, step: 1 };
  if (kind === "uniform") return { low: min, high: max };
  if (kind === "q_uniform") return { low: toMultiple(min, q), high: toMultiple(max, q), step: q };
  return kind.includes("log_uniform") ? { low: min, high: max, log: true } : undefined;
}

function placeOf({ kind, mu, sigma, a, b }: NumberDomain, value: number): number {
  if (kind === "beta" || kind === "q_beta") return incompleteBeta(clampPlace(value), a, b);
  const isLog = kind === "log_normal" || kind === "q_log_normal";
  const x = isLog ? Math.log(Math.max(value, Number.MIN_VALUE)) : value;
  return Math.exp(logNormalCdf((x - mu) / sigma));
}

/** Bells have no value at 0 and 1. */
const clampPlace = (place: number): number => Math.min(1 - 2 ** -33, Math.max(2 ** -33, place));
