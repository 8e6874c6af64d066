import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { fileInside } from "../media/fileInside.ts";
import type { BytePlace } from "../media/runMedia.ts";

/** Names of the files below a folder in their order, with forward slashes. Links are named and not followed. */
export function namesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join("/"))
    .toSorted();
}

/** @throws {InputError} when it is missing, or lies elsewhere */
export function placeOf(folder: string, name: string): BytePlace {
  const place = fileInside(folder, name);
  if (place) return place;
  throw new InputError(`Cannot read ${name}: there is no such file`);
}
