import type { ShownCurve } from "./shownCurve.ts";

export type Range = readonly [number, number];

/** From the first to the last x of all curves, or what the user chose; positive on a log axis. */
export function xRange(
  curves: readonly ShownCurve[],
  from: number | null,
  to: number | null,
  log: boolean,
): Range {
  let [min, max] = [Infinity, -Infinity];
  for (const { x } of curves) {
    const first = log ? x.find((value) => value > 0) : x[0];
    if (first !== undefined) min = Math.min(min, first);
    if (x.length > 0) max = Math.max(max, x.at(-1) ?? max);
  }
  return widened(from ?? min, to ?? max, log);
}

const outlierShare = 0.05;
const margin = 0.04;

/**
 * The values of y within a range of x with some room around them.
 *
 * @param ignoreOutliers leaves out a twentieth of the values at each end, as TensorBoard does
 */
export function yRange(
  curves: readonly ShownCurve[],
  [from, to]: Range,
  { log, ignoreOutliers }: { log: boolean; ignoreOutliers: boolean },
): Range {
  const values: number[] = [];
  for (const curve of curves) {
    for (const line of [curve.y, curve.lower, curve.upper]) {
      if (line) gather(values, curve.x, line, [from, to], log);
    }
  }
  if (ignoreOutliers && values.length > 2) {
    values.sort((a, b) => a - b);
    const cut = Math.floor(values.length * outlierShare);
    return roomy(values[cut] ?? 0, values[values.length - 1 - cut] ?? 1, log);
  }
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return roomy(min, max, log);
}

function gather(
  values: number[],
  x: Float64Array,
  line: Float64Array,
  [from, to]: Range,
  log: boolean,
): void {
  for (let i = 0; i < line.length; i++) {
    const [at, value] = [x[i] ?? 0, line[i] ?? Number.NaN];
    if (at >= from && at <= to && Number.isFinite(value) && (!log || value > 0)) values.push(value);
  }
}

function roomy(min: number, max: number, log: boolean): Range {
  const [low, high] = widened(min, max, log);
  if (log) {
    const room = (high / low) ** margin;
    return [low / room, high * room];
  }
  const room = (high - low) * margin;
  return [low - room, high + room];
}

/** A range that is empty, or a point, becomes one that can be drawn. */
function widened(min: number, max: number, log: boolean): Range {
  if (!(min <= max)) return log ? [0.1, 1] : [0, 1];
  if (min < max) return [min, max];
  if (log) return [min / 2, max * 2];
  const half = Math.abs(min) * 0.1 || 0.5;
  return [min - half, max + half];
}
