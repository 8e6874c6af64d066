import type { ChoiceDomain, Domain, NumberDistribution, NumberDomain } from "./distributions.ts";
import type { Expression } from "./expression.ts";
import { toPlain, toPointer } from "./specNode.ts";
import type { SpecMapping, SpecNode } from "./specNode.ts";
import { failAt, type SpecPlace } from "./specPlace.ts";
import { readExpression } from "./sweepConditions.ts";
import { distributionNames, distributionOf } from "./sweepParameterSchema.ts";

/** One thing that a sweep varies, or sets in all trials. */
export interface SweepParameter extends SpecPlace {
  /** Keys joined by dots: where its value goes in the experiment's spec. */
  readonly name: string;
  /** The keys of the file that lead here; a key may have dots itself. */
  readonly keys: readonly string[];
  readonly domain: Domain;
  /** What reports call the values of a choice, in its order. */
  readonly labels?: readonly string[];
  /** All must hold of the other parameters, or this one is left out. */
  readonly when: readonly Expression[];
}

/**
 * The parameters of a checked file: nested ones under their keys joined by dots, sorted by keys in
 * byte order, as W&B does.
 *
 * @throws {SpecError} for names, bounds, probabilities and conditions that cannot be
 */
export function readParameters(node: SpecMapping): SweepParameter[] {
  const found = collect(node, [], ["parameters"], []);
  found.sort((a, b) => compareKeys(a.keys, b.keys));
  for (const [i, parameter] of found.entries()) {
    const twin = found.findIndex(({ name }) => name === parameter.name);
    if (twin < i) failAt(parameter, `expected each parameter once, got "${parameter.name}" again`);
  }
  return found;
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((key, i) => key !== b[i]);
  const [one, other] = [a[at], b[at]];
  if (one === undefined || other === undefined) return a.length - b.length;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** @param path keys of the file down to `node` */
function collect(
  node: SpecMapping,
  above: readonly string[],
  path: readonly string[],
  conditions: readonly Expression[],
): SweepParameter[] {
  return [...node.entries].flatMap(([key, each]) => {
    const pointer = toPointer([...path, key]);
    if (each.kind !== "mapping") return [];
    const keys = [...above, key];
    const place = { origin: each.origin, pointer };
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(key)) {
      failAt(place, `expected a name of letters, digits, "_", "." and "-", got "${key}"`);
    }
    const when = [...conditions, ...readCondition(each, pointer)];
    const nested = each.entries.get("parameters");
    if (nested?.kind === "mapping")
      return collect(nested, keys, [...path, key, "parameters"], when);
    const name = keys.join(".");
    return [{ name, keys, when, ...place, ...readDomain(each, place) }];
  });
}

function readCondition({ entries }: SpecMapping, pointer: string): Expression[] {
  const node = entries.get("when");
  return node ? [readExpression(node, `${pointer}/when`)] : [];
}

type ReadDomain = Pick<SweepParameter, "domain" | "labels">;

function readDomain(node: SpecMapping, place: SpecPlace): ReadDomain {
  const kind = distributionOf(node);
  if (kind === "constant") {
    const value = node.entries.get("value");
    return { domain: { kind: "categorical", values: value ? [value] : [] } };
  }
  if (kind === "categorical") return readChoice(node, place);
  if (kind !== undefined) return { domain: readNumbers(kind, node, place) };
  return failAt(place, `expected one of ${distributionNames.join(", ")}`);
}

function readChoice(node: SpecMapping, place: SpecPlace): ReadDomain {
  const values = listOf(node, "values");
  const probabilities = listOf(node, "probabilities").map((each) => Number(toPlain(each)));
  const labels = listOf(node, "labels").map((each) => String(toPlain(each)));
  const hasProbabilities = node.entries.has("probabilities");
  if (hasProbabilities) checkProbabilities(probabilities, values.length, place);
  if (node.entries.has("labels")) checkLabels(labels, values.length, place);
  const domain: ChoiceDomain = {
    kind: "categorical",
    values,
    ...(hasProbabilities && { probabilities }),
  };
  return { domain, ...(labels.length > 0 && { labels }) };
}

function listOf({ entries }: SpecMapping, key: string): readonly SpecNode[] {
  const node = entries.get(key);
  return node?.kind === "list" ? node.items : [];
}

/** As near to 1 as W&B asks for. */
const sumTolerance = 1e-8 + 1e-5;

function checkProbabilities(
  probabilities: readonly number[],
  count: number,
  place: SpecPlace,
): void {
  if (probabilities.length !== count) {
    failAt(
      place,
      `expected ${count} probabilities, one for each value, got ${probabilities.length}`,
    );
  }
  const sum = probabilities.reduce((total, each) => total + each, 0);
  if (Math.abs(sum - 1) > sumTolerance)
    failAt(place, `expected probabilities of sum 1, got ${sum}`);
}

function checkLabels(labels: readonly string[], count: number, place: SpecPlace): void {
  const distinct = new Set(labels).size;
  if (labels.length === count && distinct === count) return;
  failAt(place, `expected ${count} different labels, one for each value, got ${labels.join(", ")}`);
}

function readNumbers(kind: NumberDistribution, node: SpecMapping, place: SpecPlace): NumberDomain {
  const value = (name: string, byDefault: number): number => {
    const written = node.entries.get(name);
    return written ? Number(toPlain(written)) : byDefault;
  };
  const domain = {
    kind,
    ...{ min: value("min", -Infinity), max: value("max", Infinity) },
    ...{ mu: value("mu", 0), sigma: value("sigma", 1), q: value("q", 1) },
    ...{ a: value("a", 1), b: value("b", 1) },
  };
  if (domain.min < domain.max) return domain;
  return failAt(place, `expected min below max, got ${domain.min} and ${domain.max}`);
}
