/** Each level sums up 16 of the level below. */
const levelBits = 4;
const none = -1;

interface Level {
  /** Places of the least and the greatest finite value of each block; -1 where there is none. */
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/**
 * Finds the extremes of any part of a long row of values in some dozens of looks: least and
 * greatest of each 16 values, of each 16 such blocks, and so on.
 */
export class Pyramid {
  readonly values: Float64Array;
  /** By height, from 1; at 0 are the values themselves. */
  readonly #levels: (Level | undefined)[] = [undefined];

  constructor(values: Float64Array) {
    this.values = values;
    for (let bits = levelBits; values.length >> bits > 0; bits += levelBits) {
      const blocks = values.length >> bits;
      const level = { low: new Int32Array(blocks), high: new Int32Array(blocks) };
      for (let block = 0; block < blocks; block++) {
        const found = this.extremes(block << bits, (block + 1) << bits);
        level.low[block] = found?.[0] ?? none;
        level.high[block] = found?.[1] ?? none;
      }
      this.#levels.push(level);
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
    const { values } = this;
    let low = none;
    let high = none;
    let lowValue = Infinity;
    let highValue = -Infinity;
    for (let i = from; i < to;) {
      const height = this.#heightAt(i, to);
      const bits = height * levelBits;
      const level = this.#levels[height];
      const lower = level ? level.low[i >>> bits]! : i;
      const higher = level ? level.high[i >>> bits]! : i;
      const least = values[lower]!; // NaN and nothing at all are below nothing
      const greatest = values[higher]!;
      if (least < lowValue && least !== -Infinity) {
        low = lower;
        lowValue = least;
      }
      if (greatest > highValue && greatest !== Infinity) {
        high = higher;
        highValue = greatest;
      }
      i += 1 << bits;
    }
    return low === none ? undefined : [low, high];
  }

  /** Of the largest block that begins at a place and ends up to another. */
  #heightAt(place: number, end: number): number {
    let height = 0;
    while (height + 1 < this.#levels.length) {
      const size = 1 << ((height + 1) * levelBits);
      if ((place & (size - 1)) !== 0 || place + size > end) break;
      height++;
    }
    return height;
  }
}
