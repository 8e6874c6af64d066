import type { Curve } from "../../api.ts";
import { toNumber } from "../format/number.ts";

/** How a run or a group of runs looks in every chart. */
export interface CurveStyle {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly string[];
  readonly colour: string;
  /** As of `setLineDash`. */
  readonly dash: readonly number[];
}

/** A curve ready to be drawn. */
export interface ShownCurve {
  readonly style: CurveStyle;
  /** Rises. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly smooth: Float64Array | null;
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  readonly nonFinite: readonly { readonly x: number; readonly value: number }[];
}

export function shownCurve(curve: Curve, style: CurveStyle): ShownCurve {
  const numbers = (values: Curve["x"]): Float64Array => Float64Array.from(values, toNumber);
  return {
    style,
    x: numbers(curve.x),
    y: numbers(curve.y),
    smooth: curve.smooth ? numbers(curve.smooth) : null,
    lower: curve.lower ? numbers(curve.lower) : null,
    upper: curve.upper ? numbers(curve.upper) : null,
    nonFinite: curve.nonFinite.map(({ x, value }) => ({ x: toNumber(x), value: toNumber(value) })),
  };
}

/** Index of the point nearest to an x; -1 without points. */
export function nearestPoint({ x }: ShownCurve, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before >= 0 && at - (x[before] ?? 0) < Math.abs((x[low] ?? 0) - at)) return before;
  return high < 0 ? -1 : low;
}
