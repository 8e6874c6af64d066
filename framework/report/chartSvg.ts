import {
  chartAxes,
  chartColour,
  chartImage,
  chartLegend,
  heightWithLegend,
  type ChartAxes,
} from "./chartAxes.ts";
import { htmlText } from "./htmlText.ts";
import type { ChartPoint, ReportChart, ReportNumber } from "./report.ts";
import { evenRuler, rangeOf } from "./rulers.ts";

/** Points with their deviations as bars, as an SVG image; points that are no numbers are left out. */
export function chartSvg({ x, y, points, others = [] }: ReportChart): string {
  const isFinite = (each: ChartPoint): boolean => [each.x.mean, each.y.mean].every(Number.isFinite);
  const [shown, grey] = [points.filter(isFinite), others.filter(isFinite)];
  const axes = chartAxes({
    x,
    y,
    xRuler: evenRuler(rangeOf(endsOf([...shown, ...grey].map((each) => each.x)))),
    yRuler: evenRuler(rangeOf(endsOf([...shown, ...grey].map((each) => each.y)))),
  });
  const elements = [
    ...axes.elements,
    ...grey.map((point) => dot(point, { radius: 4, colour: "#888888", opacity: 0.6 }, axes)),
    ...shown.flatMap((point, i) => mark(point, chartColour(i), axes)),
    ...shown.flatMap(({ label }, i) => chartLegend(label, i)),
  ];
  return chartImage(elements, {
    label: `${y} over ${x} of ${shown.length} points`,
    height: heightWithLegend(shown.length),
  });
}

const endsOf = (values: readonly ReportNumber[]): number[] =>
  values.flatMap(({ mean, deviation = 0 }) => [mean - deviation, mean + deviation]);

function mark({ label, x, y }: ChartPoint, colour: string, { toX, toY }: ChartAxes): string[] {
  const bar = (x1: number, x2: number, y1: number, y2: number): string =>
    `<line x1="${toX(x1)}" x2="${toX(x2)}" y1="${toY(y1)}" y2="${toY(y2)}" stroke="${colour}" stroke-width="1.5"/>`;
  const { deviation: dx = 0 } = x;
  const { deviation: dy = 0 } = y;
  return [
    ...(dx > 0 ? [bar(x.mean - dx, x.mean + dx, y.mean, y.mean)] : []),
    ...(dy > 0 ? [bar(x.mean, x.mean, y.mean - dy, y.mean + dy)] : []),
    dot({ label, x, y }, { radius: 6, colour, opacity: 1 }, { toX, toY }),
  ];
}

function dot(
  { label, x, y }: ChartPoint,
  { radius, colour, opacity }: { radius: number; colour: string; opacity: number },
  { toX, toY }: Pick<ChartAxes, "toX" | "toY">,
): string {
  const seeThrough = opacity < 1 ? ` fill-opacity="${opacity}"` : "";
  return `<circle cx="${toX(x.mean)}" cy="${toY(y.mean)}" r="${radius}" fill="${colour}"${seeThrough}><title>${htmlText(label)}</title></circle>`;
}
