export interface Smoothing {
  readonly kind: "none" | "exponential" | "timeWeighted";
  /** 0 leaves values as they are; below 1. */
  readonly weight: number;
}

/**
 * Values as a smooth curve has them; values that are not finite stay, and count for nothing.
 *
 * @param x not falling, of the same length
 * @param rangeOfX that the chart shows, for the time-weighted one
 */
export function smooth(
  x: Float64Array,
  values: Float64Array,
  { kind, weight }: Smoothing,
  rangeOfX: number,
): Float64Array {
  if (kind === "none") return values;
  return kind === "exponential"
    ? exponential(values, weight)
    : timeWeighted(x, values, weight, rangeOfX);
}

/**
 * TensorBoard's: a mean whose weights fall by `weight` from point to point, corrected for having
 * begun at 0. A curve of equal values stays as it is, to the bit.
 *
 * Source: TensorBoard's scalar charts, after the correction of Kingma & Ba 2015, arXiv:1412.6980.
 */
export function exponential(values: Float64Array, weight: number): Float64Array {
  const w = Math.min(Math.max(weight, 0), 0.9999);
  if (isConstant(values)) return values;
  const result = new Float64Array(values.length);
  let last = 0;
  let power = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      result[i] = value;
      continue;
    }
    last = last * w + (1 - w) * value;
    power *= w;
    result[i] = last / (1 - power);
  }
  return result;
}

/** Units of x on a chart from edge to edge: `weight` is what remains after one of them. */
const viewport = 1000;

/**
 * W&B's time-weighted one: the weight falls with the distance in x, so points that lie close
 * together count as little more than one.
 *
 * Source: W&B's documentation of line plots, "time weighted exponential moving average".
 */
export function timeWeighted(
  x: Float64Array,
  values: Float64Array,
  weight: number,
  rangeOfX: number,
): Float64Array {
  const w = Math.min(Math.sqrt(Math.max(weight, 0)), 0.999);
  const scale = rangeOfX > 0 ? viewport / rangeOfX : 0;
  const result = new Float64Array(values.length);
  let [last, total, previous, distance, kept] = [0, 0, x[0] ?? 0, 0, 1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      result[i] = value;
      continue;
    }
    const moved = x[i]! - previous;
    if (moved !== distance) [distance, kept] = [moved, w ** (moved * scale)];
    previous = x[i]!;
    last = last * kept + value;
    total = total * kept + 1;
    result[i] = last / total;
  }
  return result;
}

function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}
