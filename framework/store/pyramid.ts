import {
  blockBits,
  blockExtremes,
  none,
  sumUpBlocks,
  type BlockExtremes,
} from "./blockExtremes.ts";
import { CurveValues } from "./curveValues.ts";

/**
 * Finds the extremes of any part of a long row of values in some dozens of looks: least and
 * greatest of each 32 values, of each 32 such blocks, and so on.
 */
export class Pyramid {
  readonly #values: CurveValues;
  /** By height, from 1, as far as they were wanted; at 0 are the values themselves. */
  readonly #levels: (BlockExtremes | undefined)[] = [undefined];

  constructor(values: Float64Array | CurveValues) {
    this.#values = values instanceof CurveValues ? values : CurveValues.of(values);
  }

  /** Memory beside the values. */
  buffers(): ArrayBufferLike[] {
    return this.#levels.flatMap((level) => level?.buffers() ?? []);
  }

  /**
   * Places of the least and the greatest finite value from `from` to before `to`, the first where
   * there are several; undefined where no value is finite.
   */
  extremes(from: number, to: number): [low: number, high: number] | undefined {
    const values = this.#values;
    const found = new Extremes();
    for (let i = from; i < to;) {
      const height = this.#heightAt(i, to);
      const bits = height * blockBits;
      if (height === 0) found.look(i, values.at(i), i, values.at(i));
      else lookAt(found, values, this.#level(height), height, i >>> bits);
      i += 1 << bits;
    }
    return found.low === none ? undefined : [found.low, found.high];
  }

  /** Of the largest block that begins at a place and ends up to another, as the row's last does. */
  #heightAt(place: number, end: number): number {
    const { length } = this.#values;
    let height = 0;
    for (let size = 1 << blockBits; size <= length; size <<= blockBits) {
      const isWhole = place + size <= end || (height === 0 && end === length);
      if ((place & (size - 1)) !== 0 || !isWhole) break;
      height++;
    }
    return height;
  }

  #level(height: number): BlockExtremes {
    return (this.#levels[height] ??=
      height === 1
        ? (this.#values.summary ?? sumUpBlocks(this.#values.all()))
        : this.#levelAbove(height - 1));
  }

  #levelAbove(height: number): BlockExtremes {
    const below = this.#level(height);
    const blocks = Math.ceil(below.count / (1 << blockBits));
    const [low, high] = [new Int32Array(blocks), new Int32Array(blocks)];
    for (let block = 0; block < blocks; block++) {
      const found = new Extremes();
      const end = Math.min((block + 1) << blockBits, below.count);
      for (let i = block << blockBits; i < end; i++) {
        lookAt(found, this.#values, below, height, i);
      }
      low[block] = found.low;
      high[block] = found.high;
    }
    return blockExtremes(low, high);
  }
}

/** The first places of the least and the greatest finite value among those that were looked at. */
class Extremes {
  low = none;
  high = none;
  #least = Infinity;
  #greatest = -Infinity;

  look(lower: number, least: number, higher: number, greatest: number): void {
    // NaN is neither below nor above anything
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

function lookAt(
  found: Extremes,
  values: CurveValues,
  level: BlockExtremes,
  height: number,
  block: number,
): void {
  const lower = level.low(block);
  if (lower === none) return;
  const higher = level.high(block);
  const summary = height === 1 ? values.summary : undefined;
  found.look(
    lower,
    summary ? summary.least[block]! : values.at(lower),
    higher,
    summary ? summary.greatest[block]! : values.at(higher),
  );
}
