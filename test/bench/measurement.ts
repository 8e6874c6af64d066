import type { Comparison } from "./compare.ts";

/** One row of the report. */
export interface Measurement extends Comparison {
  name: string;
  /** Most memory of our process, in millions of bytes. */
  peakMb: number;
  peerPeakMb?: number;
}

export function isMeasurement(value: unknown): value is Measurement {
  return isNamed(value) && "ms" in value && "peakMb" in value;
}

/** What a process that measures is asked. */
export interface MeasureRequest {
  name: string;
  threads: number;
  /** A Python with torch; without it only our side is measured. */
  python?: string;
  /** Instead of the workload's own number. */
  pairs?: number;
}

export function isMeasureRequest(value: unknown): value is MeasureRequest {
  return isNamed(value) && "threads" in value && Number.isInteger(value.threads);
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "name" in value;
}
