import { hostTensor, type HostTensor } from "../base/hostArray.ts";
import { describeShape } from "../base/shape.ts";
import { rgbImage, type RgbImage } from "./image.ts";

/**
 * Images as `[batch, 3, height, width]` in [-1, 1]: 0 becomes -1, 255 becomes 1.
 *
 * @throws {RangeError} when there is none, or their sizes differ
 */
export function imagesToTensor(images: readonly RgbImage[]): HostTensor {
  const first = images[0];
  if (!first) throw new RangeError("Cannot make a tensor of images: expected some, got none");
  const { width, height } = first;
  const values = new Float32Array(images.length * 3 * width * height);
  images.forEach((image, i) => {
    if (image.width !== width || image.height !== height) {
      throw new RangeError(
        `Cannot make a tensor of images: expected all ${width} x ${height}, got ${image.width} x ${image.height} at ${i}`,
      );
    }
    writePlanes(
      image.data,
      symmetric,
      values.subarray(i * 3 * width * height, (i + 1) * 3 * width * height),
    );
  });
  return hostTensor(values, [images.length, 3, height, width]);
}

/** What each byte becomes, by channel. */
export type ByteLevels = readonly [red: Float32Array, green: Float32Array, blue: Float32Array];

const fromMinusOne = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);
const symmetric: ByteLevels = [fromMinusOne, fromMinusOne, fromMinusOne];

/** Splits interleaved bytes into the three planes of `planes`, `[3, height, width]`. */
export function writePlanes(
  bytes: Uint8Array,
  [red, green, blue]: ByteLevels,
  planes: Float32Array,
): void {
  const area = planes.length / 3;
  for (let i = 0, j = 0; i < area; i++, j += 3) {
    planes[i] = red[bytes[j]!]!;
    planes[area + i] = green[bytes[j + 1]!]!;
    planes[2 * area + i] = blue[bytes[j + 2]!]!;
  }
}

/**
 * The way back: rounds to bytes, clips what lies outside [-1, 1]; NaN becomes black.
 *
 * @throws {RangeError} unless the shape is `[batch, 3, height, width]`
 */
export function tensorToImages({ shape, values }: HostTensor): RgbImage[] {
  const [batch, channels, height, width] = shape;
  if (shape.length !== 4 || channels !== 3 || height === undefined || width === undefined) {
    throw new RangeError(
      `Cannot make images: expected shape [batch, 3, height, width], got ${describeShape(shape)}`,
    );
  }
  const area = height * width;
  return Array.from({ length: batch! }, (_, image) => {
    const bytes = new Uint8Array(area * 3);
    for (let channel = 0; channel < 3; channel++) {
      const start = (image * 3 + channel) * area;
      for (let i = 0; i < area; i++) bytes[i * 3 + channel] = toByte(values[start + i]!);
    }
    return rgbImage(width, height, bytes);
  });
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
}
