import { RandomStream } from "../../../../framework/base/random.ts";
import { rgbImage, type Image, type RgbImage } from "../../../../framework/data/image.ts";
import type { Transform } from "../../../../framework/data/transforms/transform.ts";

/** Pixels 0, 1, 2 … in reading order, as the value of all three channels. */
export function countedPicture(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.floor(i / 3));
  return rgbImage(width, height, data);
}

/** The red values in reading order. */
export function redsOf({ data, channels }: Image): number[] {
  return [...data].filter((_, i) => i % channels === 0);
}

/** What a transform makes of a value with stream number 0, 1, 2 …. */
export async function draws<From, To>(
  transform: Transform<From, To>,
  value: From,
  count: number,
): Promise<To[]> {
  const results: To[] = [];
  for (let step = 0; step < count; step++) {
    results.push(await transform(value, new RandomStream(1, "test", step)));
  }
  return results;
}
