/** Blocks have 2^5 = 32 values; the last may have fewer. */
export const blockBits = 5;
const blockSize = 1 << blockBits;

/** Stands for the place of an extreme in a block without finite values. */
export const none = -1;

/** Places of the first least and the first greatest finite value of each block of a row. */
export interface BlockExtremes {
  readonly count: number;
  /** -1 where no value of the block is finite, and so for `high`. */
  readonly low: (block: number) => number;
  readonly high: (block: number) => number;
  /** Memory that they take. */
  readonly buffers: () => ArrayBufferLike[];
}

/** What a row's blocks have, by which it can be drawn without its values. */
export interface ValueSummary extends BlockExtremes {
  /** The extremes themselves; NaN in a block without finite values. */
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  /** Of all values; undefined where there are none. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** How many values are NaN or infinite. */
  readonly nonFinite: number;
}

/** Blocks' extremes as they were found, -1 for none. */
export function blockExtremes(low: Int32Array, high: Int32Array): BlockExtremes {
  return {
    count: low.length,
    low: (block) => low[block]!,
    high: (block) => high[block]!,
    buffers: () => [low.buffer, high.buffer],
  };
}

export function sumUpBlocks(values: Float64Array): BlockExtremes {
  const blocks = blocksOf(values.length);
  const [low, high] = [new Int32Array(blocks), new Int32Array(blocks)];
  for (let block = 0; block < blocks; block++) {
    const end = Math.min((block + 1) << blockBits, values.length);
    let lowest = none;
    let highest = none;
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = block << blockBits; i < end; i++) {
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
  return blockExtremes(low, high);
}

/** Bytes that `packSummary` makes of so many values. */
export const summaryBytes = (count: number): number => 2 * 8 + blocksOf(count) * (2 * 8 + 2);

/** First and last value, least and greatest values, then places within their blocks as bytes; 32 stands for none. */
export function packSummary(values: Float64Array): { bytes: Uint8Array; nonFinite: number } {
  const extremes = sumUpBlocks(values);
  const bytes = new Uint8Array(summaryBytes(values.length));
  const { ends, least, greatest, lowPlaces, highPlaces } = partsOf(bytes.buffer, extremes.count);
  ends.set([values[0] ?? NaN, values.at(-1) ?? NaN]);
  for (let block = 0; block < extremes.count; block++) {
    const [lower, higher] = [extremes.low(block), extremes.high(block)];
    least[block] = lower === none ? NaN : values[lower]!;
    greatest[block] = higher === none ? NaN : values[higher]!;
    lowPlaces[block] = lower === none ? blockSize : lower % blockSize;
    highPlaces[block] = higher === none ? blockSize : higher % blockSize;
  }
  let nonFinite = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) nonFinite++;
  return { bytes, nonFinite };
}

/** @param buffer what `packSummary` made of `count` values */
export function unpackSummary(
  buffer: ArrayBufferLike,
  count: number,
  nonFinite: number,
): ValueSummary {
  const blocks = blocksOf(count);
  const { ends, least, greatest, lowPlaces, highPlaces } = partsOf(buffer, blocks);
  const [first, last] = count > 0 ? ends : [];
  const placeIn = (places: Uint8Array, block: number): number =>
    places[block] === blockSize ? none : (block << blockBits) + places[block]!;
  return {
    count: blocks,
    low: (block) => placeIn(lowPlaces, block),
    high: (block) => placeIn(highPlaces, block),
    buffers: () => [buffer],
    ...{ least, greatest, first, last, nonFinite },
  };
}

const blocksOf = (count: number): number => Math.ceil(count / blockSize);

function partsOf(buffer: ArrayBufferLike, blocks: number) {
  const float64 = (from: number, count: number) => new Float64Array(buffer, 8 * from, count);
  const places = (from: number) => new Uint8Array(buffer, 8 * (2 + 2 * blocks) + from, blocks);
  return {
    ends: float64(0, 2),
    least: float64(2, blocks),
    greatest: float64(2 + blocks, blocks),
    lowPlaces: places(0),
    highPlaces: places(blocks),
  };
}
