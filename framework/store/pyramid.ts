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
    let below: Level | undefined;
    for (let bits = levelBits; values.length >> bits > 0; bits += levelBits) {
      below = levelAbove(below, values, values.length >> bits);
      this.#levels.push(below);
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
    const found = new Extremes(values);
    for (let i = from; i < to;) {
      const height = this.#heightAt(i, to);
      const bits = height * levelBits;
      const level = this.#levels[height];
      if (level) found.look(level.low[i >>> bits]!, level.high[i >>> bits]!);
      else found.look(i, i);
      i += 1 << bits;
    }
    return found.low === none ? undefined : [found.low, found.high];
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

/** The first places of the least and the greatest finite value among those that were looked at. */
class Extremes {
  low = none;
  high = none;
  readonly #values: Float64Array;
  #least = Infinity;
  #greatest = -Infinity;

  constructor(values: Float64Array) {
    this.#values = values;
  }

  look(lower: number, higher: number): void {
    const least = this.#values[lower]!; // NaN and nothing at all are below nothing
    const greatest = this.#values[higher]!;
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

/** @param below undefined: the values themselves */
function levelAbove(below: Level | undefined, values: Float64Array, blocks: number): Level {
  const level = { low: new Int32Array(blocks), high: new Int32Array(blocks) };
  if (below) sumUpLevel(below, values, level);
  else sumUpValues(values, level);
  return level;
}

/** As `sumUpLevel` for the lowest level, where nearly all of the time goes. */
function sumUpValues(values: Float64Array, { low, high }: Level): void {
  for (let block = 0; block < low.length; block++) {
    const end = (block + 1) << levelBits;
    let lowest = none;
    let highest = none;
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = block << levelBits; i < end; i++) {
      const value = values[i]!; // NaN is neither below nor above anything
      if (value < least && value !== -Infinity) {
        least = value;
        lowest = i;
      }
      if (value > greatest && value !== Infinity) {
        greatest = value;
        highest = i;
      }
    }
    low[block] = lowest;
    high[block] = highest;
  }
}

function sumUpLevel(below: Level, values: Float64Array, { low, high }: Level): void {
  for (let block = 0; block < low.length; block++) {
    const found = new Extremes(values);
    const end = (block + 1) << levelBits;
    for (let i = block << levelBits; i < end; i++) found.look(below.low[i]!, below.high[i]!);
    low[block] = found.low;
    high[block] = found.high;
  }
}
