import {
  chartAxes,
  chartColour,
  chartImage,
  chartLegend,
  heightWithLegend,
  type ChartAxes,
} from "./chartAxes.ts";
import { htmlText } from "./htmlText.ts";
import type { ChartLine, ReportLines } from "./report.ts";
import { evenRuler, logRuler, nameRuler, rangeOf, type Ruler } from "./rulers.ts";

/**
 * Curves with their bands, as an SVG image; a curve has gaps where its values are no numbers. Over
 * names there are points, with bars for bands.
 */
export function lineChartSvg(block: ReportLines): string {
  const { x, y, lines, xNames } = block;
  const heights = lines.flatMap((line) => [
    ...line.y,
    ...(line.lower ?? []),
    ...(line.upper ?? []),
  ]);
  const axes = chartAxes({ x, y, xRuler: rulerOf(block), yRuler: evenRuler(rangeOf(heights)) });
  const draw = xNames ? [bars, dots] : [band, curve];
  const isNamed = lines.some(({ label }) => label !== "");
  const elements = [
    ...axes.elements,
    ...draw.flatMap((each) => lines.map((line, i) => each(line, chartColour(i), axes))),
    ...(isNamed ? lines.flatMap(({ label }, i) => chartLegend(label, i)) : []),
  ];
  return chartImage(elements, {
    label: `${y} over ${x}`,
    height: heightWithLegend(isNamed ? lines.length : 0),
  });
}

function rulerOf({ lines, xNames, xIsLog }: ReportLines): Ruler {
  if (xNames) return nameRuler(xNames);
  const range = rangeOf(lines.flatMap((line) => line.x));
  return xIsLog ? logRuler(range) : evenRuler(range);
}

function dots({ x, y }: ChartLine, colour: string, { toX, toY }: ChartAxes): string {
  const known = x.map((_, i) => i).filter((i) => Number.isFinite(y[i]));
  return known
    .map(
      (i) => `<circle cx="${pixel(toX(x[i]!))}" cy="${pixel(toY(y[i]!))}" r="6" fill="${colour}"/>`,
    )
    .join("");
}

function bars({ x, lower, upper }: ChartLine, colour: string, { toX, toY }: ChartAxes): string {
  return x
    .map((_, i) => i)
    .filter((i) => Number.isFinite(lower?.[i]) && Number.isFinite(upper?.[i]))
    .map((i) => {
      const at = pixel(toX(x[i]!));
      return `<line x1="${at}" x2="${at}" y1="${pixel(toY(lower![i]!))}" y2="${pixel(toY(upper![i]!))}" stroke="${colour}" stroke-width="1.5"/>`;
    })
    .join("");
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
