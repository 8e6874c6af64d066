import { drawCurves, scaleX, type Frame } from "./drawCurves.ts";
import type { ShownCurve } from "./shownCurve.ts";

/**
 * Curves as a picture of their own. While a chart is moved, the picture is moved: many long curves
 * could not be drawn thirty times a second.
 */
export class CurveLayer {
  readonly #canvas = document.createElement("canvas");
  #drawn: Frame | null = null;

  /** Draws the curves and keeps the picture. */
  draw(
    context: CanvasRenderingContext2D,
    curves: readonly ShownCurve[],
    frame: Frame,
    highlighted: string | null,
  ): void {
    const { left, top, width, height } = frame;
    if (width < 1 || height < 1) return;
    this.#canvas.width = Math.ceil(width);
    this.#canvas.height = Math.ceil(height);
    const own = this.#canvas.getContext("2d");
    if (!own) return;
    own.translate(-left, -top);
    drawCurves(own, curves, frame, highlighted);
    context.drawImage(this.#canvas, left, top);
    this.#drawn = frame;
  }

  /** Puts the last picture to where its range of x stands now. */
  move(context: CanvasRenderingContext2D, frame: Frame): void {
    if (!this.#drawn) return;
    const { left, top, width, height } = frame;
    const toX = scaleX(frame);
    const [from, to] = [toX(this.#drawn.x[0]), toX(this.#drawn.x[1])];
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.drawImage(this.#canvas, from, top, to - from, height);
    context.restore();
  }
}
