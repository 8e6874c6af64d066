import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { encodePng, type RgbImage } from "../../data/image.ts";
import { imageGrid } from "../../data/imageGrid.ts";
import { withPngText } from "../../data/pngText.ts";
import { parametersKeyword } from "./pictureParameters.ts";
import { isPng } from "./sampleSettings.ts";

const numbered = /^(?:grid-)?(\d{5,})\b.*\.png$/;

/**
 * Names for pictures in a folder, which follow those that are there: `00007-23.png` is the seventh,
 * of seed 23.
 */
export class PictureFiles {
  readonly #out: string;
  readonly #before: number;

  /** @param out a folder, which is made when it is needed, or the file of the only picture */
  constructor(out: string) {
    this.#out = out;
    const names = isPng(out) || !existsSync(out) ? [] : readdirSync(out);
    this.#before = Math.max(0, ...names.map((name) => Number(numbered.exec(name)?.[1] ?? 0)));
  }

  picture(index: number, seed: number): string {
    return isPng(this.#out)
      ? this.#out
      : path.join(this.#out, `${this.#number(index)}-${seed}.png`);
  }

  /** All pictures of a call together. */
  grid(): string {
    return path.join(this.#out, `grid-${this.#number(0)}.png`);
  }

  #number(index: number): string {
    return String(this.#before + 1 + index).padStart(5, "0");
  }
}

/** Writes a picture whole, with the text that says how it was made. */
export async function writePicture(
  file: string,
  image: RgbImage,
  parameters: string,
): Promise<void> {
  writeFileAtomic(file, withPngText(await encodePng(image), parametersKeyword, parameters));
}

/** A row for each of several prompts; the pictures of one prompt in nearly a square. */
export function pictureGrid(images: readonly RgbImage[], prompts: readonly string[]): RgbImage {
  const columns =
    prompts.length > 1 ? images.length / prompts.length : Math.ceil(Math.sqrt(images.length));
  const rows = Array.from({ length: Math.ceil(images.length / columns) }, (_, row) =>
    images.slice(row * columns, (row + 1) * columns),
  );
  return imageGrid(rows, prompts.length > 1 ? { rowLabels: prompts } : {});
}
