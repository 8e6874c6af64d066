import { numberFromJson } from "../tracking/jsonNumber.ts";
import { isRecord } from "../tracking/parameters.ts";

/** What a line of `metrics.jsonl` says about scalars. */
export interface MetricLine {
  readonly step: number;
  readonly epoch: number;
  /** Seconds since 1970; NaN when the line does not say. */
  readonly time: number;
  /** Undefined for a line of another kind, such as pictures. */
  readonly metrics: Readonly<Record<string, unknown>> | undefined;
}

const otherKind =
  /^\{"kind":"(?!metrics")\w+","step":(-?\d+),"epoch":[^,]+,"wallTimeSeconds":([\d.]+),/;

/**
 * Reads a line as far as the index needs it: histograms and texts are long, and not unpacked. Where
 * `readRecords` refuses a whole log, a run stays visible here: other kinds, values that are no
 * numbers and missing times are the caller's to pass over.
 *
 * @returns undefined for a damaged line
 */
export function parseMetricLine(line: string): MetricLine | undefined {
  const other = otherKind.exec(line);
  if (other && line.endsWith("}"))
    return { step: Number(other[1]), epoch: NaN, time: Number(other[2]), metrics: undefined };
  const value = parseJson(line);
  if (!isRecord(value) || typeof value["step"] !== "number") return undefined;
  const { step, kind, metrics, wallTimeSeconds } = value;
  const time = typeof wallTimeSeconds === "number" ? wallTimeSeconds : NaN;
  const epoch = numberFromJson(value["epoch"]) ?? NaN;
  if (kind !== "metrics")
    return typeof kind === "string" ? { step, epoch, time, metrics: undefined } : undefined;
  return isRecord(metrics) ? { step, epoch, time, metrics } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
