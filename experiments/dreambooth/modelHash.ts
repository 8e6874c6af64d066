import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import path from "node:path";

const chunkBytes = 1 << 22;

/** Content hash of files, in their order. */
export function hashFiles(files: readonly string[]): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (const file of files) {
    const handle = openSync(file, "r");
    try {
      for (let length = 1; length > 0;) {
        length = readSync(handle, chunk);
        hash.update(chunk.subarray(0, length));
      }
    } finally {
      closeSync(handle);
    }
  }
  return hash.digest("hex");
}

/**
 * Content hash of what decides a pipeline's pictures: weights, settings, vocabulary.
 *
 * @param source a pipeline's folder, or the file that holds all of it
 */
export function modelHash(source: string): string {
  if (statSync(source).isFile()) return hashFiles([source]);
  const names = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(safetensors|bin|json|txt)$/.test(name))
    .toSorted();
  return hashFiles(names.map((name) => path.join(source, name)));
}
