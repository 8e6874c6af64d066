import * as tf from "@tensorflow/tfjs";

/** Powers of ten that the levels cover, the smallest 1e-7 to 1e-6. */
const decades = 7;
/** Cells of the search table in a power of ten: no two levels' boundaries share a cell. */
const cellsPerDecade = 1024;
const cells = decades * cellsPerDecade;
const smallest = 10 ** -decades;

/** Numbers in [-1, 1], or [0, 1], as one of 256 levels that are dense near 0. */
export interface DynamicCode {
  /** The level of each code. */
  readonly levels: Float32Array;
  /** Codes, int32, of the levels nearest to numbers. */
  readonly encode: (x: tf.Tensor) => tf.Tensor;
  readonly decode: (codes: tf.Tensor) => tf.Tensor;
}

/**
 * Levels with a varying number of bits for the power of ten and the rest for the fraction.
 *
 * Source: Dettmers et al. 2022, arXiv:2110.02861, section 2.2, with the levels of bitsandbytes'
 * `create_dynamic_map`.
 *
 * @param signed whether numbers below 0 have codes; else there are twice as many above
 */
export function dynamicCode(signed: boolean): DynamicCode {
  const magnitudes = magnitudesOf(signed); // 0 first
  const below = signed ? magnitudes.slice(1, -1).toReversed() : []; // -1 alone has no code
  const levels = Float32Array.from([...below.map((level) => -level), ...magnitudes]);
  const search = searchTable(magnitudes);

  /** Place of the nearest magnitude. */
  function nearest(magnitude: tf.Tensor): tf.Tensor {
    const power = tf.log(magnitude.maximum(smallest)).div(Math.LN10).add(decades);
    const cell = power
      .mul(cellsPerDecade)
      .clipByValue(0, cells - 1)
      .toInt();
    const first = tf.gather(tf.tensor1d(search.first, "int32"), cell);
    const boundary = tf.gather(tf.tensor1d(search.boundary), cell);
    return first.add(magnitude.greaterEqual(boundary).toInt());
  }

  return {
    levels,
    encode: (x) =>
      tf.tidy(() => {
        if (!signed) return nearest(x);
        const place = nearest(x.abs());
        const negative = place.minimum(tf.scalar(below.length, "int32")).mul(-1).toInt();
        const offset = tf.scalar(below.length, "int32");
        return tf.where(x.less(0), negative, place).add(offset);
      }),
    decode: (codes) => tf.tidy(() => tf.gather(tf.tensor1d(levels), codes)),
  };
}

/** 0, the middles of 1, 2, 4, … (or 2, 4, 8, …) parts of each power of ten, and 1. */
function magnitudesOf(signed: boolean): number[] {
  const middles = Array.from({ length: decades }, (_, decade) => {
    const parts = 2 ** (signed ? decade : decade + 1);
    const unit = 10 ** (decade - decades + 1);
    return Array.from({ length: parts }, (_part, i) => unit * (0.1 + (0.9 * (i + 0.5)) / parts));
  });
  return [0, ...middles.flat(), 1];
}

/** For each cell the first place that a number in it can have, and where the next begins. */
function searchTable(magnitudes: readonly number[]): {
  first: Int32Array;
  boundary: Float32Array;
} {
  const boundaries = magnitudes.slice(1).map((level, i) => (level + magnitudes[i]!) / 2);
  const first = Int32Array.from({ length: cells }, (_, cell) => {
    const edge = 10 ** (cell / cellsPerDecade - decades);
    return cell === 0 ? 0 : boundaries.filter((boundary) => boundary <= edge).length;
  });
  const boundary = Float32Array.from(first, (place) => boundaries[place] ?? 2);
  return { first, boundary };
}

/** Four codes, quarters of the last axis, to an int32: TF.js has no array of bytes to keep. */
export function packCodes(codes: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [a, b, c, d] = tf.split(codes, 4, -1);
    const times = (x: tf.Tensor, factor: number): tf.Tensor => x.mul(tf.scalar(factor, "int32"));
    const high = times(d!.sub(tf.scalar(128, "int32")), 2 ** 24);
    return a!
      .add(times(b!, 2 ** 8))
      .add(times(c!, 2 ** 16))
      .add(high);
  });
}

/** Inverse of {@link packCodes}. */
export function unpackCodes(packed: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const base = tf.scalar(256, "int32");
    const lows: tf.Tensor[] = [];
    let rest = packed;
    for (let i = 0; i < 3; i++) {
      const next = tf.floorDiv(rest, base);
      lows.push(rest.sub(next.mul(base)));
      rest = next;
    }
    return tf.concat([...lows, rest.add(tf.scalar(128, "int32"))], -1);
  });
}
