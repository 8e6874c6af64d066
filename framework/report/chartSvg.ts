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
export function chartSvg({ x, y, points }: ReportChart): string {
  const shown = points.filter((each) => [each.x.mean, each.y.mean].every(Number.isFinite));
  const axes = chartAxes({
    x,
    y,
    xRuler: evenRuler(rangeOf(endsOf(shown.map((each) => each.x)))),
    yRuler: evenRuler(rangeOf(endsOf(shown.map((each) => each.y)))),
  });
  const elements = [
    ...axes.elements,
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
    `<circle cx="${toX(x.mean)}" cy="${toY(y.mean)}" r="6" fill="${colour}"><title>${htmlText(label)}</title></circle>`,
  ];
}
