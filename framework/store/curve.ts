import type { CurveValues } from "./curveValues.ts";
import { Line } from "./line.ts";
import { upperBound } from "./thin.ts";

/** What a curve may be drawn over. */
export type CurveAxis = "step" | "epoch" | "time";

/** One metric of one run, in the order in which it was logged. */
export class Curve {
  readonly values: CurveValues;
  readonly #readAxis: (name: CurveAxis) => Float64Array;
  readonly #axes = new Map<CurveAxis, Float64Array>();
  readonly #lines = new Map<CurveAxis, Line>();

  /** @param readAxis gives where the points lie, one number for each value */
  constructor(values: CurveValues, readAxis: (name: CurveAxis) => Float64Array) {
    this.values = values;
    this.#readAxis = readAxis;
  }

  get count(): number {
    return this.values.length;
  }

  get value(): Float64Array {
    return this.values.all();
  }

  /** Optimizer steps finished. */
  get step(): Float64Array {
    return this.axis("step");
  }

  /** NaN where it was not logged. */
  get epoch(): Float64Array {
    return this.axis("epoch");
  }

  /** Seconds since 1970. */
  get time(): Float64Array {
    return this.axis("time");
  }

  /** Where its numbers lie in memory. */
  buffers(): ArrayBufferLike[] {
    const axes = [...this.#axes.values()].map((axis) => axis.buffer);
    return [
      ...axes,
      ...this.values.buffers(),
      ...[...this.#lines.values()].flatMap((line) => line.buffers()),
    ];
  }

  axis(name: CurveAxis): Float64Array {
    const known = this.#axes.get(name);
    if (known) return known;
    const axis = this.#readAxis(name);
    this.#axes.set(name, axis);
    return axis;
  }

  over(name: CurveAxis): Line {
    const known = this.#lines.get(name);
    if (known) return known;
    const line = Line.over(this.axis(name), this.values);
    this.#lines.set(name, line);
    return line;
  }

  /** The value at the last step up to one; undefined before the first. */
  at(step: number): number | undefined {
    const { x, y } = this.over("step");
    return y[upperBound(x, step) - 1];
  }
}
