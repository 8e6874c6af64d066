import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const chunkBytes = 1 << 20;

/** Follows a text file that another part of the program appends to. */
export class LineTail {
  readonly #file: string;
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whole lines that were added since the last call, without their ends; none while there is no file. */
  *read(): Generator<string> {
    const handle = open(this.#file);
    if (handle === undefined) return;
    try {
      const { size } = fstatSync(handle);
      if (size < this.#offset) this.#offset = 0;
      let rest = Buffer.alloc(0);
      for (let at = this.#offset; at < size;) {
        const chunk = Buffer.alloc(Math.min(chunkBytes, size - at));
        const count = readSync(handle, chunk, 0, chunk.length, at);
        if (count === 0) return;
        at += count;
        rest = Buffer.concat([rest, chunk.subarray(0, count)]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const line = rest.toString("utf8", 0, end);
          rest = rest.subarray(end + 1);
          this.#offset += end + 1;
          yield line;
        }
      }
    } finally {
      closeSync(handle);
    }
  }
}

function open(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
