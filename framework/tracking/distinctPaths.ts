import { createHash } from "node:crypto";

import { firstBytes } from "../base/firstBytes.ts";
import { mediaPath } from "./mediaPath.ts";

const longestPart = 200; // file systems take 255 bytes, most of these characters have one

/** Paths of files for keys: no two keys have one file, and no file lies where another needs a folder. */
export class DistinctPaths {
  readonly #paths = new Map<string, string>();
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** Relative, with forward slashes; the same whenever a key is asked for. */
  of(key: string): string {
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const path = this.#free(mediaPath(key).split("/").map(shorten).join("/"));
    this.#paths.set(key, path);
    this.#files.add(path);
    for (const folder of foldersOf(path)) this.#folders.add(folder);
    return path;
  }

  #free(wanted: string): string {
    const isBlocked = foldersOf(wanted).some((folder) => this.#files.has(folder));
    let path = isBlocked ? wanted.replaceAll("/", "_") : wanted;
    while (this.#files.has(path) || this.#folders.has(path)) path += "_";
    return path;
  }
}

function shorten(part: string): string {
  if (Buffer.byteLength(part) <= longestPart) return part;
  const hash = createHash("sha256").update(part).digest("hex").slice(0, 8);
  return `${firstBytes(part, longestPart / 2)}_${hash}`;
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
