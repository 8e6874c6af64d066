import type { DrawnCurve } from "../../store/seriesQuery.ts";
import { jsonNumbers, toJson } from "./jsonNumbers.ts";

/** JSON text of curves. Their many numbers are looked at once each, and only where they must be. */
export function curvesJson(curves: readonly DrawnCurve[]): string {
  return `[${curves.map(curveJson).join(",")}]`;
}

function curveJson({ x, y, smooth, lower, upper, nonFinite, ...rest }: DrawnCurve): string {
  const arrays = Object.entries({ x, y, smooth, lower, upper }).filter(([, each]) => each);
  const fields = arrays.map(([name, each]) => `"${name}":${JSON.stringify(jsonNumbers(each!))}`);
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},${fields.join(",")},"nonFinite":${toJson(nonFinite)}}`;
}
