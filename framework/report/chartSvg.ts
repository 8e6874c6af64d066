import { htmlText } from "./htmlText.ts";
import type { ChartPoint, ReportChart, ReportNumber } from "./report.ts";

const [width, height] = [720, 400];
const margin = { left: 64, right: 24, top: 16, bottom: 48 };
/** Told apart by people who do not see all colours, too (Okabe & Ito 2008). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888"];

/** A place on an axis, in pixels. */
type Scale = (value: number) => number;

/** Points with their deviations as bars, as an SVG image; points that are no numbers are left out. */
export function chartSvg({ x, y, points }: ReportChart): string {
  const shown = points.filter((each) => [each.x.mean, each.y.mean].every(Number.isFinite));
  const [columns, rows] = [ticks(shown.map((each) => each.x)), ticks(shown.map((each) => each.y))];
  const toX = scale(columns, margin.left, width - margin.right);
  const toY = scale(rows, height - margin.bottom, margin.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 12 + 20 * shown.length}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...columns.map((tick) => gridLine(tick, toX(tick), "column")),
    ...rows.map((tick) => gridLine(tick, toY(tick), "row")),
    text(x, { x: (margin.left + width - margin.right) / 2, y: height - 8, anchor: "middle" }),
    `<g transform="rotate(-90)">${text(y, { x: -(height - margin.bottom) / 2, y: 16, anchor: "middle" })}</g>`,
    ...shown.flatMap((point, i) => mark(point, colours[i % colours.length]!, { toX, toY })),
    ...shown.flatMap(({ label }, i) => legend(label, i)),
    "</svg>",
  ].join("\n");
}

/** Round numbers that enclose all values, about five of them. */
function ticks(values: readonly ReportNumber[]): number[] {
  const ends = values.flatMap(({ mean, deviation = 0 }) => [mean - deviation, mean + deviation]);
  const [least, most] = ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
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
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const line =
    kind === "row"
      ? `x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}"`
      : `x1="${at}" x2="${at}" y1="${margin.top}" y2="${bottom}"`;
  const label =
    kind === "row"
      ? text(name, { x: margin.left - 8, y: at + 4, anchor: "end" })
      : text(name, { x: at, y: bottom + 18, anchor: "middle" });
  return `<line ${line} stroke="#ddd"/>${label}`;
}

function text(
  content: string,
  { x, y, anchor }: { x: number; y: number; anchor: "start" | "middle" | "end" },
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${htmlText(content)}</text>`;
}

function mark(
  { label, x, y }: ChartPoint,
  colour: string,
  { toX, toY }: { toX: Scale; toY: Scale },
): string[] {
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

function legend(label: string, index: number): string[] {
  const y = height + 16 + 20 * index;
  const colour = colours[index % colours.length]!;
  return [
    `<circle cx="${margin.left + 6}" cy="${y - 4}" r="6" fill="${colour}"/>`,
    text(label, { x: margin.left + 20, y, anchor: "start" }),
  ];
}
