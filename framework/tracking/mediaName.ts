import { createHash } from "node:crypto";

import { firstBytes } from "../base/firstBytes.ts";
import { mediaPath } from "./mediaPath.ts";

const longest = 160; // bytes: of the 255 of a file's name the rest is for step, number and hash

/**
 * Beginning of the paths of a key's files, with forward slashes: the key where it can be one, else what
 * is left of it with 8 digits of the key's SHA-256. It depends on nothing but the key.
 */
export function mediaName(key: string): string {
  const name = mediaPath(key);
  const isShort = Buffer.byteLength(name) <= longest;
  if (name === key && isShort) return name;
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return `${isShort ? name : firstBytes(name, longest)}_${hash}`;
}
