import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 1 << 22;

/** SHA-256 of the content of files, in their order, in hexadecimal digits. Reads piece by piece. */
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
