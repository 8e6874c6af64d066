import type { JsonSchema } from "./jsonSchema.ts";
import type { SpecNode } from "./specNode.ts";

/** Distributions of numbers, by the names that W&B gives them; `q_` rounds to multiples of `q`. */
export interface NumberDomain {
  readonly kind: NumberDistribution;
  readonly min: number;
  readonly max: number;
  readonly mu: number;
  readonly sigma: number;
  readonly a: number;
  readonly b: number;
  readonly q: number;
}

/** Values to choose from; all alike without probabilities. */
export interface ChoiceDomain {
  readonly kind: "categorical";
  readonly values: readonly SpecNode[];
  readonly probabilities?: readonly number[];
}

/** What a parameter may be. */
export type Domain = NumberDomain | ChoiceDomain;

export type NumberDistribution =
  | "int_uniform"
  | "uniform"
  | "q_uniform"
  | "log_uniform_values"
  | "inv_log_uniform_values"
  | "q_log_uniform_values"
  | "normal"
  | "q_normal"
  | "log_normal"
  | "q_log_normal"
  | "beta"
  | "q_beta";

type Argument = Exclude<keyof NumberDomain, "kind">;

/** The arguments of each. Those of `log_..._values` are the values' bounds, not their logarithms. */
export const numberDistributions: Readonly<Record<NumberDistribution, readonly Argument[]>> = {
  int_uniform: ["min", "max"],
  uniform: ["min", "max"],
  q_uniform: ["min", "max", "q"],
  log_uniform_values: ["min", "max"],
  inv_log_uniform_values: ["min", "max"],
  q_log_uniform_values: ["min", "max", "q"],
  normal: ["mu", "sigma"],
  q_normal: ["mu", "sigma", "q"],
  log_normal: ["mu", "sigma"],
  q_log_normal: ["mu", "sigma", "q"],
  beta: ["a", "b"],
  q_beta: ["a", "b", "q"],
};

export function isNumberDistribution(name: unknown): name is NumberDistribution {
  return typeof name === "string" && Object.hasOwn(numberDistributions, name);
}

/** What W&B's deprecated distributions, whose bounds are exponents of e, are to be written as. */
export const deprecatedDistributions: ReadonlyMap<string, NumberDistribution> = new Map([
  ["log_uniform", "log_uniform_values"],
  ["inv_log_uniform", "inv_log_uniform_values"],
  ["q_log_uniform", "q_log_uniform_values"],
]);

const anyNumber: JsonSchema = { type: "number" };
const positive: JsonSchema = { type: "number", exclusiveMinimum: 0 };

/** Schema of a distribution's arguments. */
export function argumentSchemas(kind: NumberDistribution): Readonly<Record<string, JsonSchema>> {
  const bound = kind === "int_uniform" ? { type: "integer" } : anyNumber;
  const edge = kind.includes("log_uniform") ? positive : bound;
  const schemas: Readonly<Record<Argument, JsonSchema>> = {
    min: { ...edge, description: "Smallest value." },
    max: { ...edge, description: "Largest value." },
    mu: { ...anyNumber, default: 0, description: "Mean, of the logarithm if it is `log_`." },
    sigma: { ...positive, default: 1, description: "Standard deviation, likewise." },
    a: { ...positive, default: 1, description: "First shape." },
    b: { ...positive, default: 1, description: "Second shape." },
    q: { ...positive, default: 1, description: "Values are rounded to its multiples." },
  };
  return Object.fromEntries(numberDistributions[kind].map((name) => [name, schemas[name]]));
}
