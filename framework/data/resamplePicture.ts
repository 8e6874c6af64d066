import type { RgbImage } from "./image.ts";

/** Of the weights, which are whole numbers: 8 bits for a byte, 2 for sums that overshoot. */
const precisionBits = 32 - 8 - 2;
const one = 2 ** precisionBits;

/** Weights of the source's pixels for each of the result's, along one axis. */
interface AxisWeights {
  readonly firsts: Int32Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Resizes as Pillow does with its bicubic filter, to the byte: what CLIP's published numbers are
 * made with. `resizeImage` is quicker, and differs by a few levels when it shrinks.
 *
 * Source: Keys 1981, "Cubic convolution interpolation for digital image processing", a = -0.5; when
 * shrinking, the filter is as wide as the pixels of the result.
 */
export function resamplePicture(image: RgbImage, width: number, height: number): RgbImage {
  const wide = image.width === width ? image : alongRows(image, width);
  if (wide.height === height) return wide;
  return transposed(alongRows(transposed(wide), height));
}

/** Every row in its new length, rounded to bytes. */
function alongRows({ width: from, height, data }: RgbImage, width: number): RgbImage {
  const { firsts, weights } = axisWeights(from, width);
  const result = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = weights[x]!;
      for (let channel = 0; channel < 3; channel++) {
        let at = (y * from + firsts[x]!) * 3 + channel;
        let sum = one / 2;
        for (let i = 0; i < own.length; i++, at += 3) sum += own[i]! * data[at]!;
        result[(y * width + x) * 3 + channel] = Math.min(255, Math.max(0, Math.floor(sum / one)));
      }
    }
  }
  return { channels: 3, width, height, data: result };
}

function transposed({ width, height, data }: RgbImage): RgbImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      result.set(data.subarray(from, from + 3), (x * height + y) * 3);
    }
  }
  return { channels: 3, width: height, height: width, data: result };
}

function axisWeights(from: number, to: number): AxisWeights {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = 2 * stretch;
  const firsts = new Int32Array(to);
  const weights = Array.from(firsts, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    firsts[i] = first;
    const own = Float64Array.from({ length: end - first }, (_, j) =>
      bicubic((first + j - centre + 0.5) / stretch),
    );
    const total = own.reduce((sum, value) => sum + value, 0);
    return own.map((value) => roundAway((value / total) * one));
  });
  return { firsts, weights };
}

function bicubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Halves go away from zero. */
const roundAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
