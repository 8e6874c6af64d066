import type { LogPoint, MetricsRow, NumberTexts } from "./logger.ts";
import { mostNumberBytes, writeNumber } from "./numberBytes.ts";

/** Sets of names that are remembered: those of training and of validation, mostly. */
const mostSets = 8;

type Metrics = Readonly<Record<string, number>>;

/** The latest first. */
const latestNames: (readonly string[])[] = [];
/** Of metrics that do not change, the latest row. */
let latest: { readonly metrics: Metrics; readonly row: MetricsRow } | undefined;
let unchanging: Metrics | undefined;

class Row implements MetricsRow {
  readonly names: readonly string[];
  readonly values: Float64Array;
  readonly point: LogPoint;
  #texts: NumberTexts | undefined;

  constructor(names: readonly string[], values: Float64Array, point: LogPoint) {
    this.names = names;
    this.values = values;
    this.point = point;
  }

  get texts(): NumberTexts {
    return (this.#texts ??= textsOf(this.values));
  }
}

/** Of one row at a time. */
let scratch = new Uint8Array(1 << 12);

function textsOf(values: Float64Array): NumberTexts {
  const most = values.length * mostNumberBytes;
  if (most > scratch.length) scratch = new Uint8Array(2 * most);
  const ends = new Uint32Array(values.length);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    end = writeNumber(scratch, end, values[i]!);
    ends[i] = end;
  }
  return { bytes: scratch.slice(0, end), ends };
}

/**
 * Says that nobody changes these any more: each logger that is given them has the same row then, until
 * the next are said to be so.
 */
export function unchangingMetrics<Given extends Metrics>(metrics: Given): Given {
  unchanging = metrics;
  return metrics;
}

/**
 * Scalars of one point as loggers keep them until they write them. Rows mostly have the names of the
 * row before: what is made of these can be kept by the array.
 */
export function metricsRow(metrics: Metrics, point: LogPoint): MetricsRow {
  if (latest?.metrics === metrics && latest.row.point === point) return latest.row;
  const names = known(Object.keys(metrics));
  const values = new Float64Array(names.length);
  for (let i = 0; i < names.length; i++) values[i] = metrics[names[i]!]!;
  const row = new Row(names, values, point);
  if (unchanging === metrics) latest = { metrics, row };
  return row;
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
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
