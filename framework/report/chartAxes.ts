import { htmlText } from "./htmlText.ts";
import type { Ruler } from "./rulers.ts";

export const chartWidth = 720;
export const chartHeight = 400;
export const chartMargin = { left: 64, right: 24, top: 16, bottom: 48 } as const;
/** Told apart by people who do not see all colours, too (Okabe & Ito 2008). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888"];

/** Colour of a point or line, by its number. */
export const chartColour = (index: number): string => colours[index % colours.length]!;

/** A place on an axis, in pixels. */
export type Scale = (value: number) => number;

export interface AxesOptions {
  /** What the axes are called. */
  readonly x: string;
  readonly y: string;
  readonly xRuler: Ruler;
  readonly yRuler: Ruler;
}

export interface ChartAxes {
  readonly toX: Scale;
  readonly toY: Scale;
  /** SVG elements. */
  readonly elements: readonly string[];
}

/** Axes with their marks and what they are called. */
export function chartAxes({ x, y, xRuler, yRuler }: AxesOptions): ChartAxes {
  const { left, right, top, bottom } = chartMargin;
  const toX = scale(xRuler, left, chartWidth - right);
  const toY = scale(yRuler, chartHeight - bottom, top);
  const middle = (left + chartWidth - right) / 2;
  return {
    toX,
    toY,
    elements: [
      ...xRuler.marks.map(({ value, text }) => gridLine(text, toX(value), "column")),
      ...yRuler.marks.map(({ value, text }) => gridLine(text, toY(value), "row")),
      chartText(x, { x: middle, y: chartHeight - 8, anchor: "middle" }),
      `<g transform="rotate(-90)">${chartText(y, { x: -(chartHeight - bottom) / 2, y: 16, anchor: "middle" })}</g>`,
    ],
  };
}

/** Light or dark as the reader's surroundings are, in a page and as a file. */
const style = `<style>
.chart-paper{fill:#fff}.chart-ink{fill:#333}.chart-rule{stroke:#ddd}
@media (prefers-color-scheme:dark){.chart-paper{fill:#1c1d22}.chart-ink{fill:#ccc}.chart-rule{stroke:#44464f}}
</style>`;

export interface ImageOptions {
  /** Of what is drawn, for those who do not see it. */
  readonly label: string;
  readonly height?: number;
}

/** An SVG image. */
export function chartImage(
  elements: readonly string[],
  { label, height = chartHeight }: ImageOptions,
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chartWidth} ${height}" role="img" aria-label="${htmlText(label)}" font-family="system-ui, sans-serif" font-size="13">`,
    style,
    `<rect width="100%" height="100%" class="chart-paper"/>`,
    ...elements,
    "</svg>",
  ].join("\n");
}

/** Height of an image with a legend below the chart. */
export const heightWithLegend = (lines: number): number => chartHeight + 12 + 20 * lines;

/** A line of the legend. */
export function chartLegend(label: string, index: number, below: number = chartHeight): string[] {
  const y = below + 16 + 20 * index;
  return [
    `<circle cx="${chartMargin.left + 6}" cy="${y - 4}" r="6" fill="${chartColour(index)}"/>`,
    chartText(label, { x: chartMargin.left + 20, y, anchor: "start" }),
  ];
}

const scale =
  ({ place }: Ruler, from: number, to: number): Scale =>
  (value) =>
    from + place(value) * (to - from);

function gridLine(name: string, at: number, kind: "row" | "column"): string {
  const [right, bottom] = [chartWidth - chartMargin.right, chartHeight - chartMargin.bottom];
  const line =
    kind === "row"
      ? `x1="${chartMargin.left}" x2="${right}" y1="${at}" y2="${at}"`
      : `x1="${at}" x2="${at}" y1="${chartMargin.top}" y2="${bottom}"`;
  const label =
    kind === "row"
      ? chartText(name, { x: chartMargin.left - 8, y: at + 4, anchor: "end" })
      : chartText(name, { x: at, y: bottom + 18, anchor: "middle" });
  return `<line ${line} class="chart-rule"/>${label}`;
}

export function chartText(
  content: string,
  { x, y, anchor }: { x: number; y: number; anchor: "start" | "middle" | "end" },
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" class="chart-ink">${htmlText(content)}</text>`;
}
