import type { Domain, NumberDomain } from "../spec/distributions.ts";
import { scalar, type Origin, type SpecNode } from "../spec/specNode.ts";
import { betaQuantile } from "./betaQuantile.ts";
import { normalQuantile } from "./normalQuantile.ts";

/**
 * The value of a parameter at a place of its distribution: the inverse of the distribution
 * function, as W&B's sweeps compute it.
 *
 * @param u in [0, 1)
 * @param origin of a number that is made here
 */
export function sampleDomain(domain: Domain, u: number, origin: Origin): SpecNode {
  if (domain.kind !== "categorical") return scalar(sampleNumber(domain, u), origin);
  const { values, probabilities } = domain;
  return values[probabilities ? chosen(probabilities, u) : Math.floor(u * values.length)]!;
}

/** The first whose cumulated probability is above `u`. */
function chosen(probabilities: readonly number[], u: number): number {
  let sum = 0;
  const index = probabilities.findIndex((each) => (sum += each) > u);
  return index < 0 ? probabilities.length - 1 : index;
}

function sampleNumber(domain: NumberDomain, u: number): number {
  const { kind, min, max, mu, sigma, a, b, q } = domain;
  switch (kind) {
    case "int_uniform":
      return min + Math.max(0, Math.ceil(u * (max - min + 1)) - 1);
    case "uniform":
      return min + u * (max - min);
    case "q_uniform":
      return toMultiple(min + u * (max - min), q);
    case "log_uniform_values":
    case "inv_log_uniform_values": // the same distribution, drawn from its other end
      return logUniform(domain, u);
    case "q_log_uniform_values":
      return toMultiple(logUniform(domain, u), q);
    case "normal":
      return mu + sigma * normalQuantile(u);
    case "q_normal":
      return toMultiple(mu + sigma * normalQuantile(u), q);
    case "log_normal":
      return Math.exp(mu + sigma * normalQuantile(u));
    case "q_log_normal":
      return toMultiple(Math.exp(mu + sigma * normalQuantile(u)), q);
    case "beta":
      return betaQuantile(u, a, b);
    case "q_beta":
      return toMultiple(betaQuantile(u, a, b), q);
  }
}

const logUniform = ({ min, max }: NumberDomain, u: number): number =>
  Math.exp(Math.log(min) + u * (Math.log(max) - Math.log(min)));

/** The nearest multiple of `q`; as Python rounds, halves to the even neighbour. */
export function toMultiple(value: number, q: number): number {
  const ratio = value / q;
  const below = Math.floor(ratio);
  const isHalf = ratio - below === 0.5;
  return (isHalf ? below + (below % 2 === 0 ? 0 : 1) : Math.round(ratio)) * q;
}

/**
 * All values of a parameter in a grid, in order, equal ones once.
 *
 * @throws {RangeError} for a distribution without end
 */
export function gridValues(domain: Domain, origin: Origin): SpecNode[] {
  if (domain.kind === "categorical") return [...domain.values];
  const { kind, min, max } = domain;
  const step = kind === "int_uniform" ? 1 : domain.q;
  if (kind !== "int_uniform" && kind !== "q_uniform") {
    throw new RangeError(`Cannot list the values of ${kind}: expected int_uniform or q_uniform`);
  }
  const count = kind === "int_uniform" ? max - min + 1 : Math.ceil((max - min) / step - 1e-9);
  return Array.from({ length: count }, (_, i) => scalar(min + i * step, origin));
}
