import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { isAlive, ownIdentity, parseOwner } from "../tracking/runLock.ts";

/** Between two tries to get a lock that somebody holds, in ms: doubled from the first to the last. */
const [firstPauseMs, lastPauseMs] = [1, 64];
/** A lock whose breaker has died is taken away after so long. */
const breakStaleMs = 10_000;

/**
 * A lock file that one process at a time has, on this machine or on others that share the folder:
 * the system makes it for one alone. One whose owner has been killed is broken.
 */
export class FolderLock {
  readonly #file: string;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Does something while no other process, and no other call, does. */
  async hold<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#hold(work));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #hold<T>(work: () => T | Promise<T>): Promise<T> {
    for (let pauseMs = firstPauseMs; !create(this.#file); pauseMs *= 2) {
      if (!this.#breakStale()) await wait(Math.min(pauseMs, lastPauseMs));
    }
    try {
      return await work();
    } finally {
      rmSync(this.#file, { force: true });
    }
  }

  /** Takes a dead process's lock away: one process at a time, which looks again before it does. */
  #breakStale(): boolean {
    if (!isStale(this.#file)) return false;
    const breaker = `${this.#file}.break`;
    if (ageMs(breaker) > breakStaleMs) rmSync(breaker, { force: true });
    if (!create(breaker)) return false;
    try {
      if (isStale(this.#file)) rmSync(this.#file, { force: true });
      return true;
    } finally {
      rmSync(breaker, { force: true });
    }
  }
}

/** @returns whether there was none */
function create(file: string): boolean {
  try {
    const handle = openSync(file, "wx");
    writeSync(handle, JSON.stringify(ownIdentity()));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** One that its owner has not written yet is not, unless that has died in between. */
function isStale(file: string): boolean {
  try {
    const owner = parseOwner(readFileSync(file, "utf8"));
    return owner ? !isAlive(owner, file) : ageMs(file) > breakStaleMs;
  } catch {
    return false; // given free meanwhile
  }
}

function ageMs(file: string): number {
  const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return modified === undefined ? 0 : Date.now() - modified;
}
