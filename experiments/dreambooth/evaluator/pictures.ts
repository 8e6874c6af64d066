import { compositeOn, type Image, type Rgb, type RgbImage } from "seedbed";

/** How many pixels of each side count as background. */
const borderPixels = 3;

/**
 * The colour behind whatever an image shows: the median of each channel over its border.
 */
export function borderColour({ width, height, data }: RgbImage): Rgb {
  const counts = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;
  let pixels = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const edge = Math.min(x, y, width - 1 - x, height - 1 - y);
      if (edge >= borderPixels) continue;
      const at = (y * width + x) * 3;
      counts.forEach((count, channel) => count[data[at + channel]!]!++);
      pixels++;
    }
  }
  return [median(counts[0], pixels), median(counts[1], pixels), median(counts[2], pixels)];
}

/** The lower median of values given by how often each occurs. */
function median(counts: Uint32Array, total: number): number {
  let below = 0;
  return counts.findIndex((count) => (below += count) * 2 >= total);
}

/**
 * The nearest of 16 levels per channel, black and white among them: close enough for any feature,
 * and backgrounds that differ by noise alone become one.
 */
export function snapColour([red, green, blue]: Rgb): Rgb {
  const snap = (value: number): number => Math.round(value / 17) * 17;
  return [snap(red), snap(green), snap(blue)];
}

/** A picture without background is laid over the colour; others are taken as they are. */
export function onBackground(picture: Image, colour: Rgb): RgbImage {
  return picture.channels === 4 ? compositeOn(picture, colour) : picture;
}

/**
 * Difference of two sRGB colours as people see it; about 2 is just noticeable.
 *
 * Source: CIE 1976 L*a*b*, white point D65.
 */
export function colourDifference(a: Rgb, b: Rgb): number {
  const [first, second] = [toLab(a), toLab(b)];
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

function toLab(colour: Rgb): [lightness: number, a: number, b: number] {
  const [red, green, blue] = [linear(colour[0]), linear(colour[1]), linear(colour[2])];
  const x = curve((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
  const y = curve(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
  const z = curve((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Light of an sRGB value in 0..255. */
function linear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function curve(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
}
