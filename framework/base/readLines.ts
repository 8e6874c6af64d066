import { closeSync, readSync } from "node:fs";

import { openRegularFile } from "./readRegularFile.ts";

const lineEnd = 10;

/**
 * Lines of a file, without their ends, read piece by piece: the whole may be longer than a text can be.
 * A last line without its end is left out.
 *
 * @throws {InputError} when it is no file; what the system says when there is none
 */
export function* readLines(file: string, chunkBytes: number = 1 << 20): Generator<string, void> {
  const handle = openRegularFile(file);
  try {
    let begun: Buffer[] = []; // of a line that goes on in the next piece
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const piece = chunk.subarray(0, readSync(handle, chunk));
      if (piece.length === 0) return;
      const end = piece.lastIndexOf(lineEnd);
      if (end >= 0) {
        yield* Buffer.concat([...begun, piece.subarray(0, end)])
          .toString()
          .split("\n");
        begun = [];
      }
      begun.push(piece.subarray(end + 1));
    }
  } finally {
    closeSync(handle);
  }
}
