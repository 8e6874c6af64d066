import { htmlText } from "./htmlText.ts";

const [chartWidth, chartHeight] = [720, 400];
const chartMargin = { left: 64, right: 24, top: 16, bottom: 48 } as const;
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
  /** Least and most of what is shown; undefined where nothing is. */
  readonly xRange: Range | undefined;
  readonly yRange: Range | undefined;
}

export type Range = readonly [least: number, most: number];

export interface ChartAxes {
  readonly toX: Scale;
  readonly toY: Scale;
  /** SVG elements. */
  readonly elements: readonly string[];
}

/** Axes with round ticks that enclose what is shown. */
export function chartAxes({ x, y, xRange, yRange }: AxesOptions): ChartAxes {
  const [columns, rows] = [ticks(xRange), ticks(yRange)];
  const { left, right, top, bottom } = chartMargin;
  const toX = scale(columns, left, chartWidth - right);
  const toY = scale(rows, chartHeight - bottom, top);
  const middle = (left + chartWidth - right) / 2;
  return {
    toX,
    toY,
    elements: [
      ...columns.map((tick) => gridLine(tick, toX(tick), "column")),
      ...rows.map((tick) => gridLine(tick, toY(tick), "row")),
      chartText(x, { x: middle, y: chartHeight - 8, anchor: "middle" }),
      `<g transform="rotate(-90)">${chartText(y, { x: -(chartHeight - bottom) / 2, y: 16, anchor: "middle" })}</g>`,
    ],
  };
}

/** An SVG image with a line below the chart for each entry of its legend. */
export function chartImage(elements: readonly string[], legendLines: number): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chartWidth} ${chartHeight + 12 + 20 * legendLines}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...elements,
    "</svg>",
  ].join("\n");
}

/** A line of the legend. */
export function chartLegend(label: string, index: number): string[] {
  const y = chartHeight + 16 + 20 * index;
  return [
    `<circle cx="${chartMargin.left + 6}" cy="${y - 4}" r="6" fill="${chartColour(index)}"/>`,
    chartText(label, { x: chartMargin.left + 20, y, anchor: "start" }),
  ];
}

/** Round numbers that enclose a range, about five of them. */
function ticks([least, most]: Range = [0, 1]): number[] {
  const rough = (most - least || Math.abs(most) || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const [first, last] = [Math.floor(least / step - 0.1), Math.ceil(most / step + 0.1)];
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function scale(through: readonly number[], from: number, to: number): Scale {
  const [first, last] = [through[0]!, through.at(-1)!];
  return (value) => from + ((value - first) / (last - first)) * (to - from);
}

function gridLine(tick: number, at: number, kind: "row" | "column"): string {
  const name = String(Number(tick.toPrecision(6)));
  const [right, bottom] = [chartWidth - chartMargin.right, chartHeight - chartMargin.bottom];
  const line =
    kind === "row"
      ? `x1="${chartMargin.left}" x2="${right}" y1="${at}" y2="${at}"`
      : `x1="${at}" x2="${at}" y1="${chartMargin.top}" y2="${bottom}"`;
  const label =
    kind === "row"
      ? chartText(name, { x: chartMargin.left - 8, y: at + 4, anchor: "end" })
      : chartText(name, { x: at, y: bottom + 18, anchor: "middle" });
  return `<line ${line} stroke="#ddd"/>${label}`;
}

function chartText(
  content: string,
  { x, y, anchor }: { x: number; y: number; anchor: "start" | "middle" | "end" },
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${htmlText(content)}</text>`;
}
