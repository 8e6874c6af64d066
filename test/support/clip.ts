/** @file A tiny random CLIP and what transformers makes of it; its README says how it was made. */
import { readFileSync } from "node:fs";
import path from "node:path";

import { rgbImage, type RgbImage } from "../../framework/data/image.ts";
import { readSafetensors, type StoredTensor } from "../../framework/weights/safetensors.ts";

export const clipFolder: string = path.join(import.meta.dirname, "../fixtures/clip");

export function clipJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(clipFolder, file), "utf8"));
}

export function clipTensors(file: string): ReadonlyMap<string, StoredTensor> {
  return readSafetensors(path.join(clipFolder, file));
}

/** The picture that the golden numbers were made with: bytes that have edges and no pattern. */
export function clipPicture(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return (x * x * 7 + y * 13 + x * y * 3 + c * 41) % 256;
  });
  return rgbImage(width, height, data);
}

/** As in `make.py`: an upright picture, one of the right size, and a wide one that is enlarged. */
export const clipPictures: readonly RgbImage[] = [
  clipPicture(37, 50),
  clipPicture(28, 28),
  clipPicture(33, 20),
];

export const clipPrompts: readonly string[] = ["a photo of a dog", "a yellow cat on a wet street"];
