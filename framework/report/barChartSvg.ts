import {
  chartColour,
  chartImage,
  chartLegend,
  chartMargin,
  chartText,
  chartWidth,
} from "./chartAxes.ts";
import type { ReportBars } from "./report.ts";
import { evenRuler } from "./rulers.ts";

const [barHeight, gap, nameWidth] = [14, 12, 200];
const mostLetters = 30;

/** Bars for each name, one of each series below the other, as an SVG image. */
export function barChartSvg({ x, names, series }: ReportBars): string {
  const groupHeight = series.length * barHeight + gap;
  const bottom = chartMargin.top + names.length * groupHeight;
  const ruler = evenRuler([0, Math.max(1e-9, ...series.flatMap(({ values }) => values))]);
  const toX = (value: number): number =>
    nameWidth + ruler.place(value) * (chartWidth - chartMargin.right - nameWidth);
  const shown = ruler.marks.filter(({ value }) => value >= 0);
  const from = toX(0);
  const elements = [
    ...shown.map(({ value, text }) => rule(toX(value), bottom, text)),
    chartText(x, { x: (nameWidth + chartWidth) / 2, y: bottom + 38, anchor: "middle" }),
    ...names.flatMap((name, i) => {
      const top = chartMargin.top + i * groupHeight;
      const middle = top + (series.length * barHeight) / 2 + 4;
      return [
        chartText(shortened(name), { x: nameWidth - 8, y: middle, anchor: "end" }),
        ...series.map(({ values }, k) => {
          const width = Math.max(0, toX(values[i] ?? 0) - from);
          return `<rect x="${from}" y="${top + k * barHeight}" width="${width}" height="${barHeight - 2}" fill="${chartColour(k)}"/>`;
        }),
      ];
    }),
    ...series.flatMap(({ label }, k) => chartLegend(label, k, bottom + 44)),
  ];
  const height = bottom + 56 + 20 * series.length;
  return chartImage(elements, { label: `${x} of ${names.join(", ")}`, height });
}

const shortened = (name: string): string =>
  name.length > mostLetters ? `…${name.slice(1 - mostLetters)}` : name;

function rule(at: number, bottom: number, text: string): string {
  const line = `<line x1="${at}" x2="${at}" y1="${chartMargin.top - 4}" y2="${bottom}" class="chart-rule"/>`;
  return line + chartText(text, { x: at, y: bottom + 16, anchor: "middle" });
}
