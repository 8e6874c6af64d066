import { suggest } from "../base/nearest.ts";
import type { EarlyTerminateSpec } from "./earlyTermination.ts";
import { failAt, type PlaceOf } from "./specPlace.ts";
import type { SweepMetric, SweepSpec } from "./sweepSpec.ts";

/** What a file says of its objectives. */
interface ObjectiveKeys {
  readonly method: string;
  readonly metric?: SweepMetric;
  readonly metrics?: readonly SweepMetric[];
  readonly early_terminate?: EarlyTerminateSpec;
}

/** Ways to search that depend on what was found. */
const learningMethods: ReadonlySet<string> = new Set(["tpe", "bayes", "cma_es", "nsga2", "pbt"]);
/** Those of them that weigh one objective alone. */
const singleMethods: ReadonlySet<string> = new Set(["tpe", "bayes", "cma_es", "pbt"]);

export const learns = (method: string): boolean => learningMethods.has(method);

/** What trials are compared by, in order. */
export const objectivesOf = ({ metric, metrics }: ObjectiveKeys): readonly SweepMetric[] =>
  metrics ?? (metric ? [metric] : []);

/** @throws {SpecError} when a method or `early_terminate` cannot do with the metrics that there are */
export function checkObjectives(keys: ObjectiveKeys, place: PlaceOf): void {
  const { method, metric, metrics = [] } = keys;
  if (metric && metrics.length > 0) {
    failAt(place("metrics"), 'expected either "metric" or "metrics", got both');
  }
  const names = metrics.map(({ name }) => name);
  const twin = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twin >= 0) {
    failAt(place("metrics", String(twin)), `expected each metric once, got "${names[twin]}" again`);
  }
  if (learns(method) && objectivesOf(keys).length === 0) {
    failAt(place("method"), `expected a metric beside "${method}", which learns from it, got none`);
  }
  if (singleMethods.has(method) && metrics.length > 0) {
    failAt(
      place("metrics"),
      `expected one metric beside "${method}", got ${metrics.length}; set method: nsga2, or metric`,
    );
  }
  checkPruning(keys, place);
}

function checkPruning(keys: ObjectiveKeys, place: PlaceOf): void {
  const { early_terminate: pruning } = keys;
  if (!pruning) return;
  const names = objectivesOf(keys).map(({ name }) => name);
  const known = names.map((name) => `"${name}"`).join(", ");
  if (names.length === 0) failAt(place("early_terminate"), "expected a metric beside it, got none");
  const { metric } = pruning;
  if (metric === undefined && names.length > 1) {
    failAt(
      place("early_terminate"),
      `expected a key "metric" that is one of ${known}, as trials are judged by one alone, got none`,
    );
  }
  if (metric !== undefined && !names.includes(metric)) {
    failAt(
      place("early_terminate", "metric"),
      `expected one of ${known}, got "${metric}"${suggest(metric, names)}`,
    );
  }
}

/** What `early_terminate` judges trials by; undefined without it. */
export function prunedMetric({ earlyTerminate, objectives }: SweepSpec): SweepMetric | undefined {
  if (!earlyTerminate) return undefined;
  const { metric } = earlyTerminate;
  return objectives.find(({ name }) => metric === undefined || name === metric);
}
