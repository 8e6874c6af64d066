import type { SeriesQuery } from "../../api.ts";
import { formatNumber } from "../format/number.ts";
import { axisName, formatXValue } from "./axisFormat.ts";
import { scaleX, scaleY, traceBand, traceLine, type Frame, type Pen } from "./drawCurves.ts";
import type { Range } from "./ranges.ts";
import type { ShownCurve } from "./shownCurve.ts";
import { ticks } from "./ticks.ts";

export interface SvgOptions {
  readonly title: string;
  readonly xAxis: SeriesQuery["x"];
  readonly x: Range;
  readonly y: Range;
  readonly logX: boolean;
  readonly logY: boolean;
}

const [width, height] = [720, 400];
const [left, top, right, bottom] = [64, 40, 16, 40];
const legendLine = 18;

/** A chart as a picture that needs nothing else: on white, with axes and names. */
export function chartSvg(curves: readonly ShownCurve[], options: SvgOptions): string {
  const frame: Frame = {
    ...{ left, top, width: width - left - right, height: height - top - bottom, ratio: 1 },
    ...{ x: options.x, y: options.y, logX: options.logX, logY: options.logY },
  };
  const whole = height + curves.length * legendLine + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${whole}" fill="#fff"/>`,
    `<text x="${left}" y="24" font-size="14" font-weight="600">${escaped(options.title)}</text>`,
    axes(frame, options.xAxis),
    `<clipPath id="area"><rect x="${left}" y="${top}" width="${frame.width}" height="${frame.height}"/></clipPath>`,
    `<g clip-path="url(#area)" fill="none" stroke-linejoin="round">`,
    ...curves.map((curve) => curvePaths(curve, frame)),
    "</g>",
    ...curves.map(({ style }, i) => legend(style.title, style.colour, height + i * legendLine + 8)),
    "</svg>",
  ].join("\n");
}

function axes(frame: Frame, xAxis: SeriesQuery["x"]): string {
  const [toX, toY] = [scaleX(frame), scaleY(frame)];
  const base = top + frame.height;
  const horizontal = ticks(frame.y, frame.logY, 6).map((value) => {
    const y = toY(value).toFixed(1);
    return `<path d="M${left} ${y}H${width - right}" stroke="#e4e6e2"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end" fill="#555">${formatNumber(value)}</text>`;
  });
  const vertical = ticks(frame.x, frame.logX, 8).map((value) => {
    const x = toX(value).toFixed(1);
    return `<path d="M${x} ${top}V${base}" stroke="#eef0ec"/><text x="${x}" y="${base + 16}" text-anchor="middle" fill="#555">${escaped(formatXValue(xAxis, value))}</text>`;
  });
  const name = `<text x="${left + frame.width / 2}" y="${base + 34}" text-anchor="middle" fill="#555">${escaped(axisName(xAxis))}</text>`;
  return [...horizontal, ...vertical, name].join("\n");
}

function curvePaths(curve: ShownCurve, frame: Frame): string {
  const [toX, toY] = [scaleX(frame), scaleY(frame)];
  const { colour, dash } = curve.style;
  const line = (y: Float64Array): string => path((pen) => traceLine(pen, curve.x, y, toX, toY));
  const parts: string[] = [];
  const { lower, upper, smooth } = curve;
  if (lower && upper) {
    const band = path((pen) => traceBand(pen, curve.x, lower, upper, toX, toY, frame));
    parts.push(`<path d="${band}Z" fill="${colour}" fill-opacity="0.16"/>`);
  }
  if (smooth) parts.push(`<path d="${line(curve.y)}" stroke="${colour}" stroke-opacity="0.28"/>`);
  const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(" ")}"` : "";
  parts.push(
    `<path d="${line(smooth ?? curve.y)}" stroke="${colour}" stroke-width="1.5"${dashes}/>`,
  );
  return parts.join("\n");
}

function path(trace: (pen: Pen) => void): string {
  const parts: string[] = [];
  trace({
    moveTo: (x, y) => parts.push(`M${x.toFixed(1)} ${y.toFixed(1)}`),
    lineTo: (x, y) => parts.push(`L${x.toFixed(1)} ${y.toFixed(1)}`),
  });
  return parts.join("");
}

function legend(title: string, colour: string, y: number): string {
  return `<path d="M${left} ${y}h16" stroke="${colour}" stroke-width="3"/><text x="${left + 24}" y="${y + 4}">${escaped(title)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
