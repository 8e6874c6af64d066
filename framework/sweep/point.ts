import type { Expression } from "../spec/expression.ts";
import { toPlain, type SpecNode } from "../spec/specNode.ts";
import type { SweepParameter } from "../spec/sweepParameters.ts";
import { canonicalJson } from "../tracking/parameters.ts";

/** A value for each parameter that is in use, in the order of the parameters. */
export type Point = ReadonlyMap<string, SpecNode>;

/** What points are made of. */
export interface SearchSpace {
  /** Sorted, as `SweepSpec.parameters`. */
  readonly parameters: readonly SweepParameter[];
  readonly constraints: readonly Expression[];
}

/** A value for each parameter, in use or not, without those whose conditions do not hold. */
export function activePoint({ parameters }: SearchSpace, values: Point): Point {
  const known = new Map<string, boolean>();
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const isActive = (name: string): boolean => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const active = byName.get(name)?.when.every(({ evaluate }) => Boolean(evaluate(valueOf)));
    known.set(name, active ?? false);
    return active ?? false;
  };
  const valueOf = (name: string): unknown => {
    const node = isActive(name) ? values.get(name) : undefined;
    return node && toPlain(node);
  };
  return new Map([...values].filter(([name]) => isActive(name)));
}

/** Whether a point meets every constraint. One that asks for a parameter not in use does not count. */
export function meetsConstraints({ constraints }: SearchSpace, point: Point): boolean {
  const valueOf = (name: string): unknown => {
    const node = point.get(name);
    return node && toPlain(node);
  };
  return constraints.every(
    ({ names, evaluate }) =>
      [...names].some((name) => !point.has(name)) || Boolean(evaluate(valueOf)),
  );
}

/** Plain values by parameter. */
export function plainPoint(point: Point): Record<string, unknown> {
  return Object.fromEntries([...point].map(([name, node]) => [name, toPlain(node)]));
}

/** Equal for equal points alone; `1` and `1.0` are one value. */
export const pointKey = (point: Point): string => canonicalJson(plainPoint(point));
