import { closeSync, openSync, readSync } from "node:fs";

import type { BytePlace } from "./runMedia.ts";

const chunkBytes = 2 ** 20;

/** The bytes at a place, piece by piece; fewer where the file has been cut. */
export function* readBytes({ file, offset, bytes }: BytePlace): Generator<Buffer> {
  const handle = openSync(file, "r");
  try {
    for (let done = 0; done < bytes;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, bytes - done));
      const read = readSync(handle, chunk, 0, chunk.length, offset + done);
      if (read === 0) return;
      yield chunk.subarray(0, read);
      done += read;
    }
  } finally {
    closeSync(handle);
  }
}
