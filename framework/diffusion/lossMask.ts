import { hostTensor, type HostTensor } from "../base/hostTensor.ts";

export interface LossMaskOptions {
  /** Of the mask, in pixels; multiples of `factor`. */
  readonly width: number;
  readonly height: number;
  /** Pixels of a side that become one latent. */
  readonly factor: number;
  /** Weight of what the mask leaves out, beside 1 of what it shows, in [0, 1]. Default: 0. */
  readonly outside?: number;
}

/**
 * The weights of a masked loss at the resolution of latents: the mean of the mask's pixels under
 * each latent, scaled so that the mean of all is 1. An example therefore is as heavy as one without
 * a mask, however small what it shows, and its loss is the mean over what is shown. One that shows
 * nothing has no weight.
 *
 * @param mask 0 leaves a pixel out, 255 shows it, row by row
 * @returns `[1, height, width]` in latents
 * @throws {RangeError} when the mask does not fit the sides
 */
export function lossMask(
  mask: Uint8Array,
  { width, height, factor, outside = 0 }: LossMaskOptions,
): HostTensor {
  if (mask.length !== width * height || width % factor !== 0 || height % factor !== 0) {
    throw new RangeError(
      `Cannot mask a loss: expected ${width} x ${height} pixels, multiples of ${factor}, got ${mask.length}`,
    );
  }
  const columns = width / factor;
  const shown = new Float32Array(columns * (height / factor));
  for (const [i, value] of mask.entries()) {
    const row = Math.floor(Math.floor(i / width) / factor);
    shown[row * columns + Math.floor((i % width) / factor)]! += value / 255 / factor ** 2;
  }
  const weights = shown.map((share) => outside + (1 - outside) * share);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const scaled = mean > 0 ? weights.map((weight) => weight / mean) : weights;
  return hostTensor(scaled, [1, height / factor, columns]);
}
