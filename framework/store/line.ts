import { CurveValues } from "./curveValues.ts";
import { Pyramid } from "./pyramid.ts";

/** A curve over an x that is finite and does not fall. */
export class Line {
  readonly x: Float64Array;
  readonly values: CurveValues;
  #pyramid: Pyramid | undefined;

  private constructor(x: Float64Array, values: CurveValues) {
    this.x = x;
    this.values = values;
  }

  /** Puts points in order; those of equal x stay in theirs, those without x are left out. */
  static over(x: Float64Array, values: Float64Array | CurveValues): Line {
    const given = values instanceof CurveValues ? values : CurveValues.of(values);
    if (isOrdered(x)) return new Line(x, given);
    const y = given.all();
    const places = Array.from(x.keys()).filter((i) => Number.isFinite(x[i]));
    places.sort((a, b) => x[a]! - x[b]!);
    return new Line(
      Float64Array.from(places, (i) => x[i]!),
      CurveValues.of(Float64Array.from(places, (i) => y[i]!)),
    );
  }

  get y(): Float64Array {
    return this.values.all();
  }

  get pyramid(): Pyramid {
    return (this.#pyramid ??= new Pyramid(this.values));
  }

  /** Where its numbers lie in memory. */
  buffers(): ArrayBufferLike[] {
    return [this.x.buffer, ...this.values.buffers(), ...(this.#pyramid?.buffers() ?? [])];
  }

  /** The same over x that is measured from elsewhere. */
  shifted(from: number): Line {
    const line = new Line(
      this.x.map((x) => x - from),
      this.values,
    );
    line.#pyramid = this.pyramid;
    return line;
  }
}

/** Arrays that were found to be in order; runs that log at the same steps share one. */
const known = new WeakSet<Float64Array>();

/** Values that do not fall are all finite when the first and the last are. */
function isOrdered(x: Float64Array): boolean {
  if (known.has(x)) return true;
  let previous = -Infinity;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (!(value >= previous)) return false;
    previous = value;
  }
  const isFinite = x.length === 0 || (Number.isFinite(x[0]) && Number.isFinite(previous));
  if (isFinite) known.add(x);
  return isFinite;
}
