import { realpathSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { BytePlace } from "./runMedia.ts";

/**
 * A file of a folder by a name that somebody has written down. Neither `..` nor a symbolic link
 * leads out of the folder.
 *
 * @param name relative to the folder, with forward slashes
 * @returns undefined when there is no such file
 *
 * @throws {InputError} when it lies elsewhere
 */
export function fileInside(folder: string, name: string): BytePlace | undefined {
  const place = path.resolve(folder, name);
  if (!isBelow(path.resolve(folder), place)) throw outside(name);
  const file = realPath(place);
  if (file === undefined) return undefined;
  if (!isBelow(realpathSync(folder), file)) throw outside(name);
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() ? { file, offset: 0, bytes: stat.size } : undefined;
}

const isBelow = (folder: string, file: string): boolean => file.startsWith(folder + path.sep);

function outside(name: string): InputError {
  return new InputError(`Cannot read ${name}: it lies outside the run's folder`);
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
