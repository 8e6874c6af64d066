import type { Comparison } from "./compare.ts";
import type { InstalledPeer } from "./peers/peerProcess.ts";

/** What came of a workload. */
export interface Measurement extends Comparison {
  name: string;
  /** Most memory of our process, in millions of bytes. */
  peakMb: number;
}

export function isMeasurement(value: unknown): value is Measurement {
  return isNamed(value) && "ms" in value && "peers" in value;
}

/** One of several that compared the same workload with different peers: ours is the first's. */
export function mergeMeasurements(measurements: readonly Measurement[]): Measurement {
  const [first] = measurements;
  if (!first) throw new RangeError("Cannot merge measurements: expected at least one, got 0");
  return { ...first, peers: Object.assign({}, ...measurements.map(({ peers }) => peers)) };
}

/** What a process that measures is asked. */
export interface MeasureRequest {
  name: string;
  threads: number;
  /** Without any only our side is measured. */
  peers: readonly InstalledPeer[];
  /** Instead of the workload's own number. */
  pairs?: number;
}

export function isMeasureRequest(value: unknown): value is MeasureRequest {
  return isNamed(value) && "threads" in value && "peers" in value;
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "name" in value;
}
