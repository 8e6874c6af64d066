import type { RgbImage } from "seedbed";

import type { FeatureExtractor } from "./featureExtractor.ts";
import { borderColour, colourDifference } from "./pictures.ts";

const cells = 8;
const orientations = 9;
const levels = 8;
/** Colours that differ less from the border's are background. */
const backgroundDifference = 12;

/**
 * Features without a network: where edges of which direction are (8 x 8 cells of 9 directions),
 * and which colours the figure has (8 levels a channel). Neither sees the background's colour.
 *
 * Source: Dalal & Triggs 2005, "Histograms of oriented gradients for human detection".
 */
export const hogAndColours: FeatureExtractor = {
  name: "hogAndColours",
  parts: [cells * cells * orientations, levels ** 3],
  async extract(images) {
    return images.map((image) => {
      const vector = new Float32Array(cells * cells * orientations + levels ** 3);
      vector.set(gradientHistogram(image));
      vector.set(colourHistogram(image), cells * cells * orientations);
      return vector;
    });
  },
  async close() {},
};

/**
 * Strength of the edges by cell and direction, as a vector of length 1; square roots keep a few
 * hard edges from deciding alone.
 */
export function gradientHistogram(image: RgbImage): Float32Array {
  const { width, height } = image;
  const grey = luminance(image);
  const histogram = new Float64Array(cells * cells * orientations);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const dx = grey[at + 1]! - grey[at - 1]!;
      const dy = grey[at + width]! - grey[at - width]!;
      const strength = Math.hypot(dx, dy);
      if (strength === 0) continue;
      const turn = ((Math.atan2(dy, dx) / Math.PI + 1) % 1) * orientations; // half a turn is none
      const cell = Math.floor((y * cells) / height) * cells + Math.floor((x * cells) / width);
      const bin = Math.floor(turn) % orientations;
      const share = turn - Math.floor(turn);
      histogram[cell * orientations + bin]! += strength * (1 - share);
      histogram[cell * orientations + ((bin + 1) % orientations)]! += strength * share;
    }
  }
  return unitRoots(histogram);
}

function luminance({ data }: RgbImage): Float64Array {
  return Float64Array.from(
    { length: data.length / 3 },
    (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!,
  );
}

/** How often each colour occurs in front of the background, as a vector of length 1. */
export function colourHistogram(image: RgbImage): Float32Array {
  const { data } = image;
  const background = borderColour(image);
  const histogram = new Float64Array(levels ** 3);
  const known = new Map<number, boolean>();
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const key = (red << 16) | (green << 8) | blue;
    let front = known.get(key);
    if (front === undefined) {
      front = colourDifference([red, green, blue], background) > backgroundDifference;
      known.set(key, front);
    }
    const bin = ((red >> 5) * levels + (green >> 5)) * levels + (blue >> 5);
    if (front) histogram[bin]!++;
  }
  return unitRoots(histogram);
}

/** Square roots of a histogram's shares: a vector of length 1, or zeros. */
function unitRoots(histogram: Float64Array): Float32Array {
  const total = histogram.reduce((sum, value) => sum + value, 0);
  return Float32Array.from(histogram, (value) => (total === 0 ? 0 : Math.sqrt(value / total)));
}
