import {
  chartAxes,
  chartColour,
  chartImage,
  chartLegend,
  type ChartAxes,
  type Range,
} from "./chartAxes.ts";
import { htmlText } from "./htmlText.ts";
import type { ChartLine, ReportLines } from "./report.ts";

/** Curves with their bands, as an SVG image; a curve has gaps where its values are no numbers. */
export function lineChartSvg({ x, y, lines }: ReportLines): string {
  const axes = chartAxes({
    x,
    y,
    xRange: rangeOf(lines.flatMap((line) => line.x)),
    yRange: rangeOf(
      lines.flatMap((line) => [...line.y, ...(line.lower ?? []), ...(line.upper ?? [])]),
    ),
  });
  const elements = [
    ...axes.elements,
    ...lines.map((line, i) => band(line, chartColour(i), axes)),
    ...lines.map((line, i) => curve(line, chartColour(i), axes)),
    ...lines.flatMap(({ label }, i) => chartLegend(label, i)),
  ];
  return chartImage(elements, lines.length);
}

function rangeOf(values: readonly number[]): Range | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least > most ? undefined : [least, most];
}

function curve({ label, x, y }: ChartLine, colour: string, axes: ChartAxes): string {
  const path = pathThrough(x, y, axes);
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round"><title>${htmlText(label)}</title></path>`;
}

function band({ x, lower, upper }: ChartLine, colour: string, axes: ChartAxes): string {
  if (!lower || !upper) return "";
  const known = x
    .map((_, i) => i)
    .filter((i) => Number.isFinite(lower[i]) && Number.isFinite(upper[i]));
  if (known.length === 0) return "";
  const [above, below] = [known, known.toReversed()];
  const at = [...above.map((i) => x[i]!), ...below.map((i) => x[i]!)];
  const edge = [...above.map((i) => upper[i]!), ...below.map((i) => lower[i]!)];
  return `<path d="${pathThrough(at, edge, axes)}Z" fill="${colour}" fill-opacity="0.15"/>`;
}

function pathThrough(x: readonly number[], y: readonly number[], { toX, toY }: ChartAxes): string {
  let isOpen = false;
  let path = "";
  for (const [i, value] of y.entries()) {
    if (Number.isFinite(value) && Number.isFinite(x[i])) {
      path += `${isOpen ? "L" : "M"}${pixel(toX(x[i]!))} ${pixel(toY(value))}`;
      isOpen = true;
    } else isOpen = false;
  }
  return path;
}

const pixel = (value: number): string => String(Math.round(value * 100) / 100);
