import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const windowBytes = 2 ** 22;

/** Reads a file front to back, a window of some megabytes at a time. */
export class FileWindow {
  /** Bytes of the file when it was opened. */
  readonly size: number;
  readonly #handle: number;
  #window = Buffer.alloc(0);
  #start = 0;

  constructor(file: string) {
    this.#handle = openSync(file, "r");
    this.size = fstatSync(this.#handle).size;
  }

  /** Fewer bytes at the file's end. They stay as they are when more is read. */
  read(offset: number, length: number): Buffer {
    const from = offset - this.#start;
    const isThere = from >= 0 && from + length <= this.#window.length;
    if (!isThere) this.#load(offset, Math.max(length, windowBytes));
    const at = offset - this.#start;
    return this.#window.subarray(at, at + length);
  }

  close(): void {
    closeSync(this.#handle);
  }

  #load(offset: number, length: number): void {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(this.#handle, bytes, filled, bytes.length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    this.#window = bytes.subarray(0, filled);
    this.#start = offset;
  }
}
