import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";

import { syncFolder } from "../base/atomicFile.ts";

/** A log that only grows. What was appended survives the process; `sync` makes it survive the machine. */
export class AppendFile {
  readonly file: string;
  #handle: number | undefined;

  /** Opens or makes the file; missing parent folders are made. */
  constructor(file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.file = file;
    this.#handle = openSync(file, "a");
    syncFolder(path.dirname(file));
  }

  /** Appends in one write, unless the system takes less than all of it. */
  append(content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#open(), bytes, written);
    }
  }

  sync(): void {
    fsyncSync(this.#open());
  }

  /** Syncs and closes; a second call does nothing. */
  close(): void {
    if (this.#handle === undefined) return;
    this.sync();
    closeSync(this.#handle);
    this.#handle = undefined;
  }

  #open(): number {
    if (this.#handle === undefined) throw new Error(`Cannot append to ${this.file}: it is closed`);
    return this.#handle;
  }
}
