import { blockBits } from "./blockExtremes.ts";
import type { Pyramid } from "./pyramid.ts";

export interface ThinOptions {
  /** Part of x that is shown; null: from the first, to the last. */
  readonly from?: number | null;
  readonly to?: number | null;
  /** How many are wanted at most; at least 4 for each curve, and 2 for the neighbours. */
  readonly points: number;
}

const blockSize = 1 << blockBits;
/** From so many blocks on an interval begins and ends with them: less than a third of it is moved. */
const fewBlocks = 3;

/**
 * Places of the points to draw, growing: first and last of the part that is shown, with one neighbour
 * on each side that is not, and for each of equally wide intervals of x the extremes of all curves.
 * Where there are many points, intervals consist of whole blocks, so that values need not be read.
 *
 * @param x not falling, and finite
 * @param curves over the same x
 */
export function thin(x: Float64Array, curves: readonly Pyramid[], options: ThinOptions): number[] {
  const { from, to, points } = options;
  const first = lowerBound(x, from ?? -Infinity);
  const last = upperBound(x, to ?? Infinity) - 1;
  const start = Math.max(0, first - 1);
  const end = Math.min(x.length, last + 2);
  if (end - start <= points) return Array.from({ length: end - start }, (_, i) => start + i);
  const kept = start < first ? [start, first] : [first];
  const outer = first - start + (end - 1 - last); // neighbours, which may lie far away beyond a gap
  const intervals = Math.max(1, Math.floor((points - 2 - outer) / (2 * curves.length)));
  const width = (x[last]! - x[first]!) / intervals;
  const unit = (last + 1 - first) / intervals >= fewBlocks * blockSize ? blockSize : 1;
  for (let interval = 0, at = first; interval < intervals; interval++) {
    const edge = x[first]! + width * (interval + 1);
    const place = lowerBound(x, edge, at, last + 1);
    const next = interval === intervals - 1 ? last + 1 : Math.max(at, place & -unit);
    addExtremes(kept, curves, at, next);
    at = next;
  }
  for (const place of [last, end - 1]) if (place > kept.at(-1)!) kept.push(place);
  return kept;
}

function addExtremes(kept: number[], curves: readonly Pyramid[], from: number, to: number): void {
  const places: number[] = [];
  for (const curve of curves) {
    const found = curve.extremes(from, to);
    if (found) places.push(found[0], found[1]);
  }
  if (places.length > 2) places.sort((a, b) => a - b);
  else if (places[0]! > places[1]!) places.reverse();
  let last = kept[kept.length - 1]!;
  for (const place of places) {
    if (place <= last) continue;
    kept.push(place);
    last = place;
  }
}

/** The first place whose value is not below another; the end where all are. */
export function lowerBound(
  sorted: Float64Array,
  value: number,
  from = 0,
  to: number = sorted.length,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place whose value is above another; the end where none is. */
export function upperBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
