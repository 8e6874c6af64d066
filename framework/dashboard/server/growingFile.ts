import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface GrowingFileListener {
  /** The file was replaced or cut: what was told of it is void. */
  restart(): void;
  /** @param offset of its first byte in the file */
  line(bytes: Buffer, offset: number): void;
}

const chunkBytes = 2 ** 20;
const lineEnd = 0x0a;

/**
 * A file of lines that another process appends to. Each look reads what has come since the last
 * one; a line without its end waits for the next.
 */
export class GrowingFile {
  readonly #file: string;
  readonly #listener: GrowingFileListener;
  #inode = 0;
  #offset = 0;

  constructor(file: string, listener: GrowingFileListener) {
    this.#file = file;
    this.#listener = listener;
  }

  /** Reads on. A file that is not there has no lines. */
  look(): void {
    const handle = openQuietly(this.#file);
    if (handle === undefined) return this.#restart(0);
    try {
      const { ino, size } = fstatSync(handle);
      if (ino !== this.#inode || size < this.#offset) this.#restart(ino);
      for (const { bytes, offset } of wholeLines(handle, this.#offset, size)) {
        this.#listener.line(bytes, offset);
        this.#offset = offset + bytes.length + 1;
      }
    } finally {
      closeSync(handle);
    }
  }

  /** Part of the file as text; "" for what is not there any more. */
  read(offset: number, length: number): string {
    const handle = openQuietly(this.#file);
    if (handle === undefined) return "";
    try {
      const bytes = Buffer.alloc(length);
      return bytes.toString("utf8", 0, readSync(handle, bytes, 0, length, offset));
    } finally {
      closeSync(handle);
    }
  }

  #restart(inode: number): void {
    if (this.#offset > 0) this.#listener.restart();
    this.#inode = inode;
    this.#offset = 0;
  }
}

function* wholeLines(
  handle: number,
  from: number,
  end: number,
): Generator<{ bytes: Buffer; offset: number }> {
  let length = chunkBytes;
  for (let start = from; start < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(length, end - start));
    const content = chunk.subarray(0, readSync(handle, chunk, 0, chunk.length, start));
    let begin = 0;
    for (let stop = content.indexOf(lineEnd); stop >= 0; stop = content.indexOf(lineEnd, begin)) {
      yield { bytes: content.subarray(begin, stop), offset: start + begin };
      begin = stop + 1;
    }
    if (begin === 0 && start + content.length >= end) return;
    length = begin === 0 ? length * 2 : chunkBytes; // a line longer than the chunk
    start += begin;
  }
}

function openQuietly(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined; // not there yet, gone, or not ours to read
  }
}
