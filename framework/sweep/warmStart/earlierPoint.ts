import type { Domain, NumberDomain } from "../../spec/distributions.ts";
import { child, scalar, toPlain, type Origin, type SpecNode } from "../../spec/specNode.ts";
import { canonicalJson } from "../../tracking/parameters.ts";
import { activePoint, meetsConstraints, type Point, type SearchSpace } from "../point.ts";
import { toMultiple } from "../sampleDomain.ts";

/** What a run was carried out with. */
export interface EarlierSettings {
  /** What a sweep has set, by the names of its parameters. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The whole spec of the run, in which other names are looked for. */
  readonly spec: SpecNode;
}

/** The point of a space that a run was; undefined when it lies outside, or lacks a parameter. */
export function earlierPoint(space: SearchSpace, settings: EarlierSettings): Point | undefined {
  const values = new Map<string, SpecNode>();
  for (const { name, domain, origin } of space.parameters) {
    const value = valueIn(domain, settingOf(settings, name), origin);
    if (value) values.set(name, value);
  }
  const point = activePoint(space, values);
  const isWhole = space.parameters.every(
    ({ name, when }) => point.has(name) || !when.every(({ evaluate }) => evaluate(valueOf(point))),
  );
  return isWhole && meetsConstraints(space, point) ? point : undefined;
}

const valueOf =
  (point: Point) =>
  (name: string): unknown => {
    const node = point.get(name);
    return node && toPlain(node);
  };

function settingOf({ parameters, spec }: EarlierSettings, name: string): unknown {
  if (Object.hasOwn(parameters, name)) return parameters[name];
  const node = name
    .split(".")
    .reduce<SpecNode | undefined>((above, key) => above && child(above, key), spec);
  return node && toPlain(node);
}

function valueIn(domain: Domain, value: unknown, origin: Origin): SpecNode | undefined {
  if (domain.kind === "categorical") {
    if (value === undefined) return undefined;
    const text = canonicalJson(value);
    return domain.values.find((each) => canonicalJson(toPlain(each)) === text);
  }
  return typeof value === "number" && isInside(domain, value) ? scalar(value, origin) : undefined;
}

/** Whether a distribution could give a number. */
function isInside({ kind, min, max, q }: NumberDomain, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (kind === "int_uniform" && !Number.isInteger(value)) return false;
  const isStepped = kind.startsWith("q_");
  const ratio = value / q;
  if (isStepped && Math.abs(ratio - Math.round(ratio)) > 1e-9) return false;
  if (kind.endsWith("log_normal")) return value > 0 || (isStepped && value === 0);
  if (kind.endsWith("beta")) return value >= 0 && value <= 1;
  if (!isStepped || !Number.isFinite(min)) return value >= min && value <= max;
  return value >= toMultiple(min, q) && value <= toMultiple(max, q);
}
