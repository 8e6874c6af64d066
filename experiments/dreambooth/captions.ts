import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "seedbed";

import type { CaptionSource } from "./settings/prompts.ts";

const extensions = [".txt", ".caption"];

/**
 * The caption of each picture; undefined where it has none. Of a file that is the first line that
 * is not empty; of a file's name what stands before an `@`, with spaces for underscores; of a
 * folder's name all but repeats in front, as in `10_sks dog`.
 *
 * @throws {InputError} for an empty caption, or when no picture has one
 */
export function readCaptions(
  files: readonly string[],
  source: CaptionSource,
): (string | undefined)[] {
  const captions = files.map(readers[source]);
  if (captions.some((caption) => caption !== undefined)) return captions;
  const folder = path.dirname(files[0] ?? "");
  throw new InputError(
    `Cannot read captions in ${folder}: expected ${extensions.join(" or ")} files named as the pictures, got none; or set captions to null`,
  );
}

const readers: Readonly<Record<CaptionSource, (file: string) => string | undefined>> = {
  files: captionFile,
  names(file) {
    const [name = ""] = path.parse(file).name.split("@");
    return notEmpty(name.replaceAll("_", " ").trim(), file);
  },
  folder: (file) =>
    notEmpty(path.basename(path.dirname(path.resolve(file))).replace(/^\d+_/, ""), file),
};

function captionFile(picture: string): string | undefined {
  const { dir, name } = path.parse(picture);
  const file = extensions
    .map((extension) => path.join(dir, name + extension))
    .find((each) => existsSync(each));
  if (file === undefined) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  return notEmpty(lines.map((line) => line.trim()).find((line) => line !== "") ?? "", file);
}

function notEmpty(caption: string, file: string): string {
  if (caption !== "") return caption;
  throw new InputError(`Cannot read the caption ${file}: expected text, got none`);
}
