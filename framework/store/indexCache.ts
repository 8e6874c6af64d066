import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeChunksAtomic } from "../base/atomicFile.ts";
import { EntryReader, EntryWriter } from "./entryLines.ts";
import type { StoredEntry } from "./runReader.ts";

/** To be raised whenever entries change: files of another version are thrown away. */
const version = 2;
const header = JSON.stringify({ format: "seedbed run index", version });
const fileName = "run-index.jsonl";

/**
 * What an index knew, in a file: only what can be found out again. Changed entries are appended;
 * the last line of a run counts. Lines that cannot be read are passed over, and a file that cannot
 * be written does not matter but for time.
 */
export class IndexCache {
  readonly #file: string;
  #writer = new EntryWriter();
  #lines = 0;

  constructor(folder: string) {
    this.#file = path.join(folder, fileName);
  }

  /** By folder. */
  read(): Map<string, StoredEntry> {
    const entries = new Map<string, StoredEntry>();
    const [first, ...lines] = readText(this.#file).split("\n");
    if (first !== header) return entries;
    const reader = new EntryReader();
    for (const line of lines) {
      const stored = reader.read(line);
      if (stored) entries.set(stored.folder, stored);
    }
    this.#lines = lines.length;
    this.#writer = new EntryWriter(reader.shapes);
    return entries;
  }

  /**
   * Stores what has changed. The file is written anew when most of it has become void.
   *
   * @param all every entry that there is
   */
  write(changed: readonly StoredEntry[], all: readonly StoredEntry[]): void {
    const isBulky = this.#lines + changed.length > 2 * all.length + 100;
    const isFirst = this.#lines === 0;
    try {
      if (isFirst || isBulky) this.#rewrite(all);
      else this.#append(changed);
    } catch {
      this.#lines = 0; // a full disk, a folder that is not ours: the next time all of it
    }
  }

  #append(changed: readonly StoredEntry[]): void {
    const lines = changed.flatMap((stored) => this.#writer.lines(stored));
    if (lines.length > 0) appendFileSync(this.#file, `\n${lines.join("\n")}\n`);
    this.#lines += changed.length;
  }

  #rewrite(all: readonly StoredEntry[]): void {
    const writer = new EntryWriter();
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeChunksAtomic(this.#file, chunks(all, writer));
    this.#writer = writer;
    this.#lines = all.length;
  }
}

function* chunks(all: readonly StoredEntry[], writer: EntryWriter): Generator<Buffer> {
  yield Buffer.from(`${header}\n`);
  const together = 500;
  for (let i = 0; i < all.length; i += together) {
    const lines = all.slice(i, i + together).flatMap((stored) => writer.lines(stored));
    yield Buffer.from(`${lines.join("\n")}\n`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
