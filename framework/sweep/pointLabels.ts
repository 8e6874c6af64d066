import path from "node:path";

import { toPlain, type SpecNode } from "../spec/specNode.ts";
import type { SweepParameter } from "../spec/sweepParameters.ts";
import type { SweepSpec } from "../spec/sweepSpec.ts";
import type { Point } from "./point.ts";
import type { Trial } from "./trialPlan.ts";

/** The parameters in which trials differ. */
export function variedParameters({ parameters }: SweepSpec): SweepParameter[] {
  return parameters.filter(({ domain, when }) => {
    return domain.kind !== "categorical" || domain.values.length > 1 || when.length > 0;
  });
}

/** What tables call a parameter: what is laid on the whole spec by its own name. */
export const parameterLabel = ({ name }: SweepParameter): string => name.replace(/^extends\./, "");

/** What tables call a point's value; empty where the parameter is not in use. */
export function valueLabel({ name, domain, labels }: SweepParameter, point: Point): string {
  const node = point.get(name);
  if (!node) return "";
  const index = domain.kind === "categorical" ? domain.values.indexOf(node) : -1;
  return labels?.[index] ?? plainLabel(name, node);
}

function plainLabel(name: string, node: SpecNode): string {
  const value = toPlain(node);
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value !== "string") return JSON.stringify(value);
  return name.startsWith("extends") ? path.basename(value).replace(/\.ya?ml$/, "") : value;
}

/** A trial in one line: `optimizer.learningRate=0.1 seed=3`. */
export function describeTrial(spec: SweepSpec, { point, seed }: Trial): string {
  const words = variedParameters(spec)
    .filter(({ name }) => point.has(name))
    .map((parameter) => `${parameterLabel(parameter)}=${valueLabel(parameter, point)}`);
  return [...words, ...(seed === undefined ? [] : [`seed=${seed}`])].join(" ");
}
