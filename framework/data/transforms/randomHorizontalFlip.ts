import type { Image } from "../image.ts";
import type { ImageToImage } from "./transform.ts";

/** Mirrors left and right in a share of the cases, half of them by default. */
export function randomHorizontalFlip(probability = 0.5): ImageToImage {
  return (image, random) => (random.uniform() < probability ? mirrored(image) : image);
}

function mirrored<I extends Image>(image: I): I {
  const { width, height, channels, data: from } = image;
  const data = new Uint8Array(from.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const start = (row + width - 1 - x) * channels;
      data.set(from.subarray(start, start + channels), (row + x) * channels);
    }
  }
  return { ...image, data };
}
