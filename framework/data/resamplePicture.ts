import type { Image } from "./image.ts";

/** Of the weights, which are whole numbers: 8 bits for a byte, 2 for sums that overshoot. */
const precisionBits = 32 - 8 - 2;
const one = 2 ** precisionBits;

/** Weights of the source's pixels for each of the result's, along one axis. */
interface AxisWeights {
  readonly firsts: Int32Array;
  readonly weights: readonly Float64Array[];
}

/** How much a pixel counts by its distance, in pixels. */
interface ResampleKernel {
  /** Distance beyond which a pixel counts for nothing. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/**
 * The filters. Source: Keys 1981, "Cubic convolution interpolation for digital image processing",
 * with a = -0.5; Duchon 1979, "Lanczos filtering in one and two dimensions", with three lobes.
 */
const kernels: Readonly<Record<ResampleFilter, ResampleKernel>> = {
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: lanczos },
};

export type ResampleFilter = "bicubic" | "lanczos";

/**
 * Resizes as Pillow does, to the byte: what the published numbers of CLIP and Idefics3 are made
 * with. `resizeImage` is quicker, and differs by a few levels when it shrinks. When shrinking, the
 * filter is as wide as the pixels of the result. Colours count by their alpha.
 */
export function resamplePicture<I extends Image>(
  image: I,
  width: number,
  height: number,
  filter: ResampleFilter = "bicubic",
): I {
  if (image.width === width && image.height === height) return image;
  const kernel = kernels[filter];
  const first = image.channels === 4 ? premultiplied(image) : image;
  const wide = first.width === width ? first : alongRows(first, width, kernel);
  const whole =
    wide.height === height ? wide : transposed(alongRows(transposed(wide), height, kernel));
  return image.channels === 4 ? straight(whole) : whole;
}

/** Every row in its new length, rounded to bytes. */
function alongRows<I extends Image>(image: I, width: number, kernel: ResampleKernel): I {
  const { width: from, height, channels, data } = image;
  const { firsts, weights } = axisWeights(from, width, kernel);
  const result = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = weights[x]!;
      for (let channel = 0; channel < channels; channel++) {
        let at = (y * from + firsts[x]!) * channels + channel;
        let sum = one / 2;
        for (let i = 0; i < own.length; i++, at += channels) sum += own[i]! * data[at]!;
        const level = Math.min(255, Math.max(0, Math.floor(sum / one)));
        result[(y * width + x) * channels + channel] = level;
      }
    }
  }
  return { ...image, width, data: result };
}

function transposed<I extends Image>(image: I): I {
  const { width, height, channels, data } = image;
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      result.set(data.subarray(from, from + channels), (x * height + y) * channels);
    }
  }
  return { ...image, width: height, height: width, data: result };
}

/** Colours times their alpha, rounded: what is transparent has no colour to spread. */
function premultiplied<I extends Image>(image: I): I {
  return withColours(image, (level, alpha) => Math.floor((level * alpha + 127) / 255));
}

/** Colours again, without the fraction. */
function straight<I extends Image>(image: I): I {
  return withColours(image, (level, alpha) =>
    alpha === 0 ? level : Math.min(255, Math.trunc((255 * level) / alpha)),
  );
}

function withColours<I extends Image>(
  image: I,
  change: (level: number, alpha: number) => number,
): I {
  const data = image.data.map((level, i) =>
    i % 4 === 3 ? level : change(level, image.data[i | 3]!),
  );
  return { ...image, data };
}

function axisWeights(from: number, to: number, kernel: ResampleKernel): AxisWeights {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = kernel.support * stretch;
  const firsts = new Int32Array(to);
  const weights = Array.from(firsts, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    firsts[i] = first;
    const own = Float64Array.from({ length: end - first }, (_, j) =>
      kernel.weight((first + j - centre + 0.5) / stretch),
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

function lanczos(distance: number): number {
  return Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** Halves go away from zero. */
const roundAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
