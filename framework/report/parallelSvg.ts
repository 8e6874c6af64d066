import { chartHeight, chartImage, chartText, chartWidth } from "./chartAxes.ts";
import { htmlText } from "./htmlText.ts";
import type { ParallelAxis, ParallelLine, ReportParallel } from "./report.ts";

const [top, bottom, side] = [48, 16, 76];
const mostLetters = 16;

/** Lines across parallel axes, the best ones in the strongest colour, as an SVG image. */
export function parallelSvg({ axes, lines }: ReportParallel): string {
  const toX = (axis: number): number =>
    side + (axis * (chartWidth - 2 * side)) / Math.max(1, axes.length - 1);
  const elements = [
    ...lines.map((line) => lineOf(line, toX)),
    ...axes.map((axis, i) => axisOf(axis, i, toX(i))),
  ];
  const label = `${lines.length} lines across ${axes.map((axis) => axis.label).join(", ")}`;
  return chartImage(elements, { label });
}

const toY = (place: number): number => chartHeight - bottom - place * (chartHeight - top - bottom);

function lineOf({ label, places, rank }: ParallelLine, toX: (axis: number) => number): string {
  let path = "";
  let isOpen = false;
  for (const [i, place] of places.entries()) {
    if (place !== undefined) {
      path += `${isOpen ? "L" : "M"}${toX(i).toFixed(1)} ${toY(place).toFixed(1)}`;
    }
    isOpen = place !== undefined;
  }
  return `<path d="${path}" fill="none" stroke="${rankColour(rank)}" stroke-width="${rank < 0.1 ? 2.5 : 1.2}" stroke-opacity="${(1 - 0.5 * rank).toFixed(2)}"><title>${htmlText(label)}</title></path>`;
}

/** From orange for the best over grey to blue: told apart by all, on light and on dark. */
function rankColour(rank: number): string {
  const [from, to, share] = rank < 0.5 ? [best, middle, rank * 2] : [middle, worst, rank * 2 - 1];
  return `rgb(${from.map((each, i) => Math.round(each + (to[i]! - each) * share)).join(" ")})`;
}

const best = [213, 94, 0];
const middle = [140, 140, 140];
const worst = [0, 114, 178];

/** Every second name stands lower, so that long ones do not meet. */
function axisOf({ label, marks }: ParallelAxis, index: number, x: number): string {
  const name = label.length > mostLetters * 1.6 ? `…${label.slice(-mostLetters * 1.6)}` : label;
  return [
    chartText(name, { x, y: index % 2 === 0 ? 16 : 34, anchor: "middle" }),
    `<line x1="${x}" x2="${x}" y1="${toY(1)}" y2="${toY(0)}" class="chart-rule" stroke-width="2"/>`,
    ...marks.map(({ place, text }) =>
      chartText(text.slice(0, mostLetters), { x: x - 5, y: toY(place) + 4, anchor: "end" }),
    ),
  ].join("");
}
