import { closeSync, openSync, readSync } from "node:fs";

import { readAppendedBytes, type FileCursor } from "./appendedLines.ts";

export interface GrowingFileListener {
  /** The file was replaced or cut: what was told of it is void. */
  restart(): void;
  /** @param offset of its first byte in the file */
  line(bytes: Buffer, offset: number): void;
}

const lineEnd = 0x0a;

/**
 * A file of lines that another process appends to. Each look reads what has come since the last
 * one; a line without its end waits for the next.
 */
export class GrowingFile {
  readonly #file: string;
  readonly #listener: GrowingFileListener;
  #cursor: FileCursor | undefined;

  constructor(file: string, listener: GrowingFileListener) {
    this.#file = file;
    this.#listener = listener;
  }

  /** Reads on. A file that is not there has no lines. */
  look(): void {
    this.#cursor = readAppendedBytes(this.#file, this.#cursor, {
      restart: () => this.#listener.restart(),
      lines: (bytes, offset) => this.#tell(bytes, offset),
    });
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

  #tell(bytes: Buffer, offset: number): void {
    let begin = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, begin)) {
      this.#listener.line(bytes.subarray(begin, end), offset + begin);
      begin = end + 1;
    }
  }
}

function openQuietly(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined; // not there yet, gone, or not ours to read
  }
}
