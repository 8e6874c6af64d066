import type { Image } from "./image.ts";

/**
 * One change of an image's colours. `amount` is a factor: 1 leaves the image alone, 0 takes the
 * brightness, contrast or saturation away. For `hue` it is a turn of the colour circle, 0 to leave it.
 */
export interface ColorStep {
  readonly kind: "brightness" | "contrast" | "saturation" | "hue";
  readonly amount: number;
}

/** Colours while they change: red, green and blue, 0 to 255. */
type Pixels = Float64Array;

/**
 * Changes an image's colours step by step; each step's result is clipped, and rounded to bytes after
 * the last. Alpha stays. Source: the enhancements of Pillow and torchvision, which round each step.
 */
export function adjustColors<I extends Image>(image: I, steps: readonly ColorStep[]): I {
  if (steps.length === 0) return image;
  const { channels, data: bytes } = image;
  const pixels = new Float64Array((bytes.length / channels) * 3);
  for (let i = 0, j = 0; j < bytes.length; i += 3, j += channels) {
    for (let c = 0; c < 3; c++) pixels[i + c] = bytes[j + c]!;
  }
  for (const step of steps) apply(step, pixels, image);
  const data = bytes.slice();
  for (let i = 0, j = 0; j < bytes.length; i += 3, j += channels) {
    for (let c = 0; c < 3; c++) data[j + c] = Math.round(pixels[i + c]!);
  }
  return { ...image, data };
}

function apply({ kind, amount }: ColorStep, pixels: Pixels, image: Image): void {
  switch (kind) {
    case "brightness":
      return blend(pixels, amount, () => 0);
    case "contrast": {
      const mean = meanGrey(pixels, image);
      return blend(pixels, amount, () => mean);
    }
    case "saturation":
      return blend(pixels, amount, (i) => greyAt(pixels, i));
    case "hue":
      return turnHue(pixels, amount);
    default:
      kind satisfies never;
  }
}

/** Moves every pixel away from a grey, which `greyOf` gives for it, by a factor. */
function blend(pixels: Pixels, factor: number, greyOf: (i: number) => number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = greyOf(i);
    for (let c = i; c < i + 3; c++) {
      pixels[c] = Math.min(255, Math.max(0, grey + factor * (pixels[c]! - grey)));
    }
  }
}

/** Luma of ITU-R BT.601. */
function greyAt(pixels: Pixels, i: number): number {
  return 0.299 * pixels[i]! + 0.587 * pixels[i + 1]! + 0.114 * pixels[i + 2]!;
}

/** Mean over what is visible: pixels count by their alpha. */
function meanGrey(pixels: Pixels, { channels, data }: Image): number {
  let [sum, weights] = [0, 0];
  for (let i = 0, j = 3; i < pixels.length; i += 3, j += 4) {
    const weight = channels === 4 ? data[j]! : 1;
    sum += weight * greyAt(pixels, i);
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

/** Turns the hue in the HSV hexagon; saturation and value stay. */
function turnHue(pixels: Pixels, turn: number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const sector = hueSector(red, green, blue, value, chroma) + 6 * turn;
    for (const [c, offset] of [5, 3, 1].entries()) {
      const place = (((offset + sector) % 6) + 6) % 6;
      pixels[i + c] = value - chroma * Math.max(0, Math.min(place, 4 - place, 1));
    }
  }
}

/** Hue in sixths of the circle, from red. */
function hueSector(
  red: number,
  green: number,
  blue: number,
  value: number,
  chroma: number,
): number {
  if (value === red) return (green - blue) / chroma;
  if (value === green) return 2 + (blue - red) / chroma;
  return 4 + (red - green) / chroma;
}
