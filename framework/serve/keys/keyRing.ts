import { timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";

import { hashOf, type ApiKey } from "./apiKey.ts";
import { readKeys } from "./keyFile.ts";

export interface KeyRingOptions {
  /** Told when the file cannot be read any more. */
  readonly warn: (line: string) => void;
  /** A clock in milliseconds. */
  readonly nowMs?: () => number;
}

/** For so long a change of the file may go unnoticed. */
const patienceMs = 1000;

/** The keys of a file, which may change meanwhile. Without its file it fits no key. */
export class KeyRing {
  readonly #file: string;
  readonly #warn: (line: string) => void;
  readonly #nowMs: () => number;
  #keys: readonly ApiKey[];
  #state: string;
  #lookedAt: number;

  /** @throws {InputError} for a file that is no file of keys */
  constructor(file: string, { warn, nowMs = () => performance.now() }: KeyRingOptions) {
    this.#file = file;
    this.#warn = warn;
    this.#nowMs = nowMs;
    this.#state = stateOf(file);
    this.#keys = readKeys(file) ?? [];
    this.#lookedAt = nowMs();
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The key that was given, if it is one of ours; takes as long for a good guess as for a bad one. */
  find(given: string): ApiKey | undefined {
    this.#look();
    const hash = Buffer.from(hashOf(given), "hex");
    let found: ApiKey | undefined;
    for (const key of this.#keys) {
      if (timingSafeEqual(hash, Buffer.from(key.hash, "hex"))) found = key;
    }
    return found;
  }

  #look(): void {
    const now = this.#nowMs();
    if (now - this.#lookedAt < patienceMs) return;
    this.#lookedAt = now;
    const state = stateOf(this.#file);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#keys = readKeys(this.#file) ?? [];
    } catch (error) {
      this.#warn(`${String(error)}; the keys that were there before stay`);
    }
  }
}

/** What is another when a file has been written anew. */
function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : "";
}
