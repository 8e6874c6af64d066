import { watch, type FSWatcher } from "node:fs";

import type { IndexChanges, RunIndex } from "../../store/runIndex.ts";
import type { ChangedEvent } from "../api.ts";

/** Told of what has changed. */
export type ChangeListener = (event: ChangedEvent) => void;

/** Between two looks at the runs while somebody waits for news. NFS tells of no changes by itself. */
const pollMs = 1000;
/** From a write that the system has told of to the look at it: a batch of writes is one. */
const gatherMs = 100;
/** Between two events. */
const quietMs = 500;
/** More keys than that are "many". */
const mostKeys = 200;
/** Runs that are watched, each with a watch of the system's. */
const mostWatched = 256;

/**
 * Keeps an index up to date while somebody listens: the folders of running runs are watched, and
 * everything is looked at each second. Without listeners nothing is done until `fresh` is called.
 */
export class LiveRuns {
  readonly #index: RunIndex;
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<ChangeListener>();
  readonly #watched = new Map<string, FSWatcher>();
  #pending = new Set<string>();
  #written = new Set<string>();
  #lookedMs = performance.now();
  #toldMs = -Infinity;
  #poll: NodeJS.Timeout | undefined;
  #gather: NodeJS.Timeout | undefined;
  #tell: NodeJS.Timeout | undefined;

  constructor(index: RunIndex, warn: (message: string) => void) {
    this.#index = index;
    this.#warn = warn;
  }

  /** @returns ends it */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    this.#poll ??= setInterval(() => void this.look([]), pollMs);
    this.#watchRunning();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Looks at the runs, unless that was done within the last second. */
  async fresh(): Promise<void> {
    if (performance.now() - this.#lookedMs >= pollMs) await this.look([]);
  }

  /** Looks at the runs. @param keys of those that have changed for certain */
  async look(keys: readonly string[]): Promise<void> {
    this.#lookedMs = performance.now();
    try {
      this.#note(await this.#index.refresh({ keys }));
    } catch (error) {
      this.#warn(
        `Cannot look at the runs: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  close(): void {
    clearInterval(this.#poll);
    for (const timer of [this.#gather, this.#tell]) clearTimeout(timer);
    this.#poll = this.#gather = this.#tell = undefined;
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  #note({ appeared, changed, gone }: IndexChanges): void {
    const keys = [...appeared, ...changed, ...gone];
    if (keys.length === 0 || this.#listeners.size === 0) return;
    for (const key of keys) this.#pending.add(key);
    const waitMs = Math.max(0, this.#toldMs + quietMs - performance.now());
    this.#tell ??= setTimeout(() => this.#tellAll(), waitMs);
    this.#watchRunning();
  }

  #tellAll(): void {
    this.#tell = undefined;
    this.#toldMs = performance.now();
    const keys = this.#pending.size > mostKeys ? [] : [...this.#pending];
    this.#pending = new Set();
    for (const listener of this.#listeners) listener({ revision: this.#index.revision, keys });
  }

  #watchRunning(): void {
    const running = this.#index.runs().filter(({ status }) => status === "running");
    const keys = new Set(running.slice(-mostWatched).map(({ key }) => key));
    for (const [key, watcher] of this.#watched) {
      if (keys.has(key)) continue;
      watcher.close();
      this.#watched.delete(key);
    }
    for (const key of keys) if (!this.#watched.has(key)) this.#watchRun(key);
  }

  #watchRun(key: string): void {
    const folder = this.#index.folderOf(key);
    if (folder === undefined) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#heard(key));
      watcher.on("error", () => watcher.close()); // gone, or no watches left: it is polled
      this.#watched.set(key, watcher);
    } catch {
      // as above
    }
  }

  #heard(key: string): void {
    this.#written.add(key);
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      const keys = [...this.#written];
      this.#written = new Set();
      void this.look(keys);
    }, gatherMs);
  }
}
