import type { LogPoint, MetricsRow } from "./logger.ts";
import type { Pieces } from "./pieces.ts";
import { takeNumbers, textsOf } from "./rowMemory.ts";

/** Sets of names that are remembered: those of training and of validation, mostly. */
const mostSets = 8;

type Metrics = Readonly<Record<string, number>>;

/** The latest first. */
const latestNames: (readonly string[])[] = [];

class Row implements MetricsRow {
  readonly names: readonly string[];
  readonly values: Float64Array;
  readonly point: LogPoint;
  #texts: Pieces | undefined;

  constructor(names: readonly string[], values: Float64Array, point: LogPoint) {
    this.names = names;
    this.values = values;
    this.point = point;
  }

  get texts(): Pieces {
    return (this.#texts ??= textsOf(this.values));
  }
}

/** Scalars of one point as loggers keep them until they write them. */
export function metricsRow(metrics: Metrics, point: LogPoint): MetricsRow {
  const names = Object.keys(metrics);
  return rowOf(
    names,
    names.map((name) => metrics[name]!),
    point,
  );
}

/**
 * A row of as many of the values as there are names. Rows mostly have the names of a row before, and
 * then the same array: what is made of these can be kept by the array.
 */
export function rowOf(
  names: readonly string[],
  values: readonly number[],
  point: LogPoint,
): MetricsRow {
  const own = takeNumbers(names.length);
  for (let i = 0; i < own.length; i++) own[i] = values[i]!;
  return new Row(known(names), own, point);
}

/** The scalars as `metricsRow` takes them. */
export function metricsOf({ names, values }: MetricsRow): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

/** Names of a row before that began with this one; none if there was none. */
export function likelyNames(first: string): readonly string[] {
  return latestNames.find((names) => names[0] === first) ?? [];
}

/** The array that had these names before. */
function known(names: readonly string[]): readonly string[] {
  const place = latestNames.findIndex((each) => sameNames(each, names));
  if (place === 0) return latestNames[0]!;
  const [found = names] = place === -1 ? [] : latestNames.splice(place, 1);
  latestNames.unshift(found);
  latestNames.length = Math.min(latestNames.length, mostSets);
  return found;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
