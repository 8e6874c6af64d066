import { readFileSync } from "node:fs";
import path from "node:path";

import { type Picture, pictureSize } from "../pictures/picture.ts";
import type { Split } from "./split.ts";

const pictureBytes = pictureSize * pictureSize * 3;

/** Puts pictures among the files to write: `.rgb`, one after the other, and what is asked in `.json`. */
export function writePictures(
  contents: Map<string, string | Uint8Array>,
  name: string,
  pictures: readonly Picture[],
): void {
  const pixels = new Uint8Array(pictures.length * pictureBytes);
  for (const [i, { rgb }] of pictures.entries()) pixels.set(rgb, i * pictureBytes);
  contents.set(`${name}.rgb`, pixels);
  const asked = pictures.map(({ kind, questions }) => ({ kind, questions }));
  contents.set(`${name}.json`, `${JSON.stringify(asked)}\n`);
}

export function readPictures(folder: string, name: string, split: Split): Picture[] {
  const pixels = readFileSync(path.join(folder, `${name}.rgb`));
  const asked: Pick<Picture, "kind" | "questions">[] = JSON.parse(
    readFileSync(path.join(folder, `${name}.json`), "utf8"),
  );
  return asked.map((each, i) => ({
    ...each,
    split,
    rgb: pixels.subarray(i * pictureBytes, (i + 1) * pictureBytes),
  }));
}
