import type { Range } from "./ranges.ts";
import type { ShownCurve } from "./shownCurve.ts";

/** Where on a canvas the curves stand. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly logX: boolean;
  readonly logY: boolean;
  /** Canvas pixels for each pixel of the page. */
  readonly ratio: number;
}

/** From a value to a pixel of the frame. */
export type Scale = (value: number) => number;

export function scaleX({ left, width, x, logX }: Frame): Scale {
  return scale(x, logX, left, left + width);
}

export function scaleY({ top, height, y, logY }: Frame): Scale {
  return scale(y, logY, top + height, top);
}

function scale([min, max]: Range, log: boolean, start: number, end: number): Scale {
  if (!log) {
    const factor = (end - start) / (max - min);
    return (value) => start + (value - min) * factor;
  }
  const low = Math.log(min);
  const factor = (end - start) / (Math.log(max) - low);
  return (value) => (value > 0 ? start + (Math.log(value) - low) * factor : Number.NaN);
}

const bandAlpha = 0.16;
const rawAlpha = 0.28;
const dimmedAlpha = 0.2;

/** Draws bands, raw values behind smoothed ones, lines, and marks where values were not finite. */
export function drawCurves(
  context: CanvasRenderingContext2D,
  curves: readonly ShownCurve[],
  frame: Frame,
  highlighted: string | null,
): void {
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.lineJoin = "bevel";
  const ordered = curves.toSorted(
    (a, b) => Number(a.style.id === highlighted) - Number(b.style.id === highlighted),
  );
  for (const curve of ordered) drawCurve(context, curve, frame, highlighted);
  context.restore();
}

function drawCurve(
  context: CanvasRenderingContext2D,
  curve: ShownCurve,
  frame: Frame,
  highlighted: string | null,
): void {
  const [toX, toY] = [scaleX(frame), scaleY(frame)];
  const { colour, dash, id } = curve.style;
  const strength = highlighted === null || highlighted === id ? 1 : dimmedAlpha;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  if (curve.lower && curve.upper) {
    context.globalAlpha = bandAlpha * strength;
    context.beginPath();
    traceBand(context, curve.x, curve.lower, curve.upper, toX, toY, frame);
    context.fill();
  }
  if (curve.smooth) {
    context.globalAlpha = rawAlpha * strength;
    context.lineWidth = frame.ratio;
    strokeLine(context, curve.x, curve.y, toX, toY);
  }
  context.globalAlpha = strength;
  context.lineWidth = (highlighted === id ? 2.5 : 1.5) * frame.ratio;
  context.setLineDash(dash.map((part) => part * frame.ratio));
  strokeLine(context, curve.x, curve.smooth ?? curve.y, toX, toY);
  context.setLineDash([]);
  drawMarks(context, curve, frame);
}

/** Marks that would stand upon the one before are left out. */
function drawMarks(
  context: CanvasRenderingContext2D,
  { nonFinite }: ShownCurve,
  frame: Frame,
): void {
  const toX = scaleX(frame);
  let last = -Infinity;
  for (const { x, value } of nonFinite) {
    const place = toX(x);
    if (place - last < 2 * markSize * frame.ratio) continue;
    drawMark(context, place, value, frame);
    last = place;
  }
}

function strokeLine(
  context: CanvasRenderingContext2D,
  x: Float64Array,
  y: Float64Array,
  toX: Scale,
  toY: Scale,
): void {
  context.beginPath();
  traceLine(context, x, y, toX, toY);
  context.stroke();
}

/** What a canvas and an SVG path have in common. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** A line with gaps where it cannot be drawn; a point alone becomes a short dash. */
export function traceLine(
  pen: Pen,
  x: Float64Array,
  y: Float64Array,
  toX: Scale,
  toY: Scale,
): void {
  let drawing = false;
  for (let i = 0; i < x.length; i++) {
    const px = toX(x[i] ?? Number.NaN);
    const py = toY(y[i] ?? Number.NaN);
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      drawing = false;
      continue;
    }
    if (drawing) pen.lineTo(px, py);
    else if (Number.isFinite(y[i + 1] ?? Number.NaN)) pen.moveTo(px, py);
    else {
      pen.moveTo(px - 1.5, py);
      pen.lineTo(px + 1.5, py);
    }
    drawing = true;
  }
}

/** There along the upper edge, back along the lower; on a log axis it ends at the axis. */
export function traceBand(
  pen: Pen,
  x: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  toX: Scale,
  toY: Scale,
  { top, height }: Frame,
): void {
  const edge = (value: number): number => {
    const y = toY(value);
    return Number.isNaN(y) && Number.isFinite(value) ? top + height : y;
  };
  const points: [number, number][] = [];
  const usable = (i: number): boolean =>
    Number.isFinite(lower[i] ?? Number.NaN) && Number.isFinite(upper[i] ?? Number.NaN);
  for (let i = 0; i < x.length; i++) {
    if (usable(i)) points.push([toX(x[i] ?? 0), edge(upper[i] ?? 0)]);
  }
  for (let i = x.length - 1; i >= 0; i--) {
    if (usable(i)) points.push([toX(x[i] ?? 0), edge(lower[i] ?? 0)]);
  }
  for (const [i, [px, py]] of points.entries()) {
    if (i === 0) pen.moveTo(px, py);
    else pen.lineTo(px, py);
  }
}

const markSize = 5;

/** A triangle at the edge: up at the top for +Infinity, else at the bottom. */
function drawMark(
  context: CanvasRenderingContext2D,
  x: number,
  value: number,
  { top, height, ratio }: Frame,
): void {
  const size = markSize * ratio;
  const up = value === Infinity;
  const tip = up ? top : top + height - 1.6 * size;
  const base = up ? top + 1.6 * size : top + height;
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x + size, base);
  context.lineTo(x - size, base);
  context.closePath();
  context.fill();
}
