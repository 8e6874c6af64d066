import { blockBits, none, sumUpBlocks, type BlockExtremes } from "./blockExtremes.ts";
import { CurveValues } from "./curveValues.ts";

/**
 * Finds the extremes of any part of a long row of values in some dozens of looks: least and
 * greatest of each 16 values, of each 16 such blocks, and so on.
 */
export class Pyramid {
  readonly #values: CurveValues;
  /** By height, from 1; at 0 are the values themselves. */
  readonly #levels: (BlockExtremes | undefined)[] = [undefined];

  constructor(values: Float64Array | CurveValues) {
    this.#values = values instanceof CurveValues ? values : CurveValues.of(values);
    if (this.#values.length < 1 << blockBits) return;
    let below: BlockExtremes = this.#values.summary ?? sumUpBlocks(this.#values.all());
    while (this.#levels.push(below) && below.low.length > 1 << blockBits) {
      below = levelAbove(below, this.#values);
    }
  }

  /** Memory beside the values. */
  buffers(): ArrayBufferLike[] {
    return this.#levels.flatMap((level) => (level ? [level.low.buffer, level.high.buffer] : []));
  }

  /**
   * Places of the least and the greatest finite value from `from` to before `to`, the first where
   * there are several; undefined where no value is finite.
   */
  extremes(from: number, to: number): [low: number, high: number] | undefined {
    const found = new Extremes(this.#values);
    for (let i = from; i < to;) {
      const height = this.#heightAt(i, to);
      const bits = height * blockBits;
      const level = this.#levels[height];
      if (level) found.look(level.low[i >>> bits]!, level.high[i >>> bits]!);
      else found.look(i, i);
      i += 1 << bits;
    }
    return found.low === none ? undefined : [found.low, found.high];
  }

  /** Of the largest block that begins at a place and ends up to another. */
  #heightAt(place: number, end: number): number {
    const isLast = end === this.#values.length; // blocks at the end may have fewer values
    let height = 0;
    while (height + 1 < this.#levels.length) {
      const size = 1 << ((height + 1) * blockBits);
      if ((place & (size - 1)) !== 0 || (place + size > end && !isLast)) break;
      height++;
    }
    return height;
  }
}

/** The first places of the least and the greatest finite value among those that were looked at. */
class Extremes {
  low = none;
  high = none;
  readonly #values: CurveValues;
  #least = Infinity;
  #greatest = -Infinity;

  constructor(values: CurveValues) {
    this.#values = values;
  }

  look(lower: number, higher: number): void {
    if (lower === none) return;
    const least = this.#values.at(lower); // NaN is below nothing
    const greatest = this.#values.at(higher);
    if (least < this.#least && least !== -Infinity) {
      this.low = lower;
      this.#least = least;
    }
    if (greatest > this.#greatest && greatest !== Infinity) {
      this.high = higher;
      this.#greatest = greatest;
    }
  }
}

function levelAbove(below: BlockExtremes, values: CurveValues): BlockExtremes {
  const blocks = Math.ceil(below.low.length / (1 << blockBits));
  const level = { low: new Int32Array(blocks), high: new Int32Array(blocks) };
  for (let block = 0; block < blocks; block++) {
    const found = new Extremes(values);
    const end = Math.min((block + 1) << blockBits, below.low.length);
    for (let i = block << blockBits; i < end; i++) found.look(below.low[i]!, below.high[i]!);
    level.low[block] = found.low;
    level.high[block] = found.high;
  }
  return level;
}
