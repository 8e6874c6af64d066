import type { LogPoint, MetricsRow } from "./logger.ts";
import { mostNumberBytes, writeNumber } from "./numberBytes.ts";
import { wordBytes, type Pieces } from "./pieces.ts";

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

/** Memory for what several rows have: arrays of each would be more garbage than all else. */
const slabNumbers = 1 << 13;
const slabBytes = 1 << 16;
let numbers = { values: new Float64Array(0), taken: 0 };
let offsets = { values: new Uint32Array(0), taken: 0 };
let texts = { bytes: new Uint8Array(0), words: new DataView(new ArrayBuffer(0)), taken: 0 };

function takeNumbers(count: number): Float64Array {
  if (numbers.taken + count > numbers.values.length) {
    numbers = { values: new Float64Array(Math.max(slabNumbers, count)), taken: 0 };
  }
  return numbers.values.subarray(numbers.taken, (numbers.taken += count));
}

function takeOffsets(count: number): Uint32Array {
  if (offsets.taken + count > offsets.values.length) {
    offsets = { values: new Uint32Array(Math.max(slabNumbers, count)), taken: 0 };
  }
  return offsets.values.subarray(offsets.taken, (offsets.taken += count));
}

function textsOf(values: Float64Array): Pieces {
  const most = values.length * mostNumberBytes + wordBytes;
  if (texts.taken + most > texts.bytes.length) {
    const bytes = new Uint8Array(Math.max(slabBytes, most));
    texts = { bytes, words: new DataView(bytes.buffer), taken: 0 };
  }
  const { bytes, words } = texts;
  const ends = takeOffsets(values.length + 1);
  let end = texts.taken;
  ends[0] = end;
  for (let i = 0; i < values.length; i++) ends[i + 1] = end = writeNumber(bytes, end, values[i]!);
  texts.taken = end;
  return { words, offsets: ends };
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
