import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import path from "node:path";

import { syncFolder, writeChunksAtomic } from "../base/atomicFile.ts";
import { ByteWriter } from "./byteWriter.ts";

/**
 * A log that only grows. What was appended survives the process; `sync` makes it survive the machine,
 * and whoever has deleted the file meanwhile.
 */
export class AppendFile {
  readonly file: string;
  #handle: number | undefined;
  /** What is appended while `together` gathers it, in memory that is used again. */
  readonly #gathered = new ByteWriter();
  #isGathering = false;

  /** Opens or makes the file; missing parent folders are made. */
  constructor(file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.file = file;
    this.#handle = openSync(file, "a+");
    syncFolder(path.dirname(file));
  }

  /** Appends in one write, unless the system takes less than all of it. */
  append(content: string | Uint8Array): void {
    if (this.#isGathering) this.#gathered.put(bytesOf(content));
    else this.#write(content);
  }

  /** Appends in one write what `work` appends piece by piece. */
  together(work: () => void): void {
    if (this.#isGathering) return work();
    this.#isGathering = true;
    try {
      work();
    } finally {
      this.#isGathering = false;
      const bytes = this.#gathered.view();
      this.#gathered.clear();
      this.#write(bytes);
    }
  }

  #write(content: string | Uint8Array): void {
    const length = Buffer.byteLength(content);
    let written = this.#writePart(content);
    while (written < length) written += this.#writePart(bytesOf(content).subarray(written));
  }

  /** @returns how many bytes the system has taken */
  #writePart(content: string | Uint8Array): number {
    const handle = this.#open();
    return typeof content === "string" ? writeSync(handle, content) : writeSync(handle, content);
  }

  sync(): void {
    const handle = this.#open();
    if (existsSync(this.file)) return fsyncSync(handle);
    writeChunksAtomic(this.file, contentOf(handle)); // the system keeps it while it is open
    closeSync(handle);
    this.#handle = openSync(this.file, "a+");
  }

  /** Syncs and closes; a second call does nothing. */
  close(): void {
    if (this.#handle === undefined) return;
    this.sync();
    closeSync(this.#open());
    this.#handle = undefined;
  }

  #open(): number {
    if (this.#handle === undefined) throw new Error(`Cannot append to ${this.file}: it is closed`);
    return this.#handle;
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}

const chunkBytes = 1 << 20;

function* contentOf(handle: number): Generator<Uint8Array> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let position = 0; ;) {
    const length = readSync(handle, chunk, 0, chunkBytes, position);
    if (length === 0) return;
    position += length;
    yield chunk.subarray(0, length);
  }
}
