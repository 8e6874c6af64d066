import path from "node:path";

import { pruneColumns } from "./columnFile.ts";
import { IndexCache } from "./indexCache.ts";
import type { IndexedRun } from "./indexedRun.ts";
import { pauseAfter, type Pause } from "./pause.ts";
import type { IndexEntry, StoredEntry } from "./runReader.ts";
import { runReaders } from "./runReaders.ts";
import { RunTree, type FoundRun } from "./runTree.ts";

export interface RunIndexOptions {
  /** Folders of runs, such as `runs`; one that is not there has none. */
  readonly folders: readonly string[];
  /** Where the index keeps what it knows; null: nowhere, each time begins anew. */
  readonly cacheFolder: string | null;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
}

export interface RefreshOptions {
  /** Runs to look at in any case. */
  readonly keys?: readonly string[];
  /** Look at all of them; else at most some thousand of those at rest, taking turns. */
  readonly everything?: boolean;
}

/** Keys of runs. */
export interface IndexChanges {
  readonly appeared: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

interface Held extends StoredEntry {
  readonly run: IndexedRun;
}

/** Runs at rest that one refresh looks at: some 50 ms of work. */
const lookedAt = 4000;
const saveEveryMs = 60_000;

/**
 * What is known of all runs below some folders. All of it is derived from the runs' files, which
 * are only read.
 */
export class RunIndex {
  readonly folders: readonly string[];
  readonly #trees: readonly RunTree[];
  readonly #cacheFolder: string | null;
  readonly #cache: IndexCache | undefined;
  readonly #nowMs: () => number;
  /** What was known when the index was opened, until the run is found. */
  readonly #stored: Map<string, StoredEntry>;
  readonly #held = new Map<string, Held>();
  readonly #folders = new Map<string, string>();
  readonly #unsaved = new Set<string>();
  #sorted: readonly IndexedRun[] | undefined;
  #revision = 0;
  #turn = 0;
  #savedMs = -Infinity;
  #refreshing: Promise<unknown> = Promise.resolve();

  /** Use `RunIndex.open`. */
  private constructor({ folders, cacheFolder, nowMs = Date.now }: RunIndexOptions) {
    this.folders = [...new Set(folders.map((folder) => path.resolve(folder)))];
    this.#nowMs = nowMs;
    this.#cacheFolder = cacheFolder;
    this.#cache = cacheFolder === null ? undefined : new IndexCache(cacheFolder);
    this.#stored = this.#cache?.read() ?? new Map();
    const known = new Map([...this.#stored].map(([folder, { source }]) => [folder, source]));
    this.#trees = this.folders.map((root) => new RunTree(root, { known, nowMs }));
  }

  static async open(options: RunIndexOptions): Promise<RunIndex> {
    const index = new RunIndex(options);
    await index.refresh({ everything: true });
    index.#stored.clear();
    index.#prune();
    return index;
  }

  /** Grows whenever anything of any run has changed. */
  get revision(): number {
    return this.#revision;
  }

  /** All runs, oldest first. */
  runs(): readonly IndexedRun[] {
    this.#sorted ??= [...this.#held.values()].map(({ run }) => run).toSorted(byAge);
    return this.#sorted;
  }

  run(key: string): IndexedRun | undefined {
    const folder = this.#folders.get(key);
    return folder === undefined ? undefined : this.#held.get(folder)?.run;
  }

  /** Absolute. */
  folderOf(key: string): string | undefined {
    return this.#folders.get(key);
  }

  /** Looks at what has changed. Calls at the same time wait for each other. */
  refresh(options: RefreshOptions = {}): Promise<IndexChanges> {
    const result = this.#refreshing.then(() => this.#refresh(options));
    this.#refreshing = result.catch(() => {});
    return result;
  }

  /** Stores what is known. */
  async close(): Promise<void> {
    await this.#refreshing;
    this.#save();
  }

  async #refresh({ keys = [], everything = false }: RefreshOptions): Promise<IndexChanges> {
    const pause = pauseAfter();
    const changes = { appeared: [] as string[], changed: [] as string[], gone: [] as string[] };
    const named = keys.flatMap((key) => this.#folders.get(key) ?? []);
    for (const folder of this.#due(named, everything)) {
      await pause();
      this.#look(folder, changes);
    }
    changes.appeared = this.#name(await this.#find(pause));
    if (changes.appeared.length + changes.changed.length + changes.gone.length > 0) {
      this.#revision++;
      this.#sorted = undefined;
    }
    if (this.#nowMs() - this.#savedMs >= saveEveryMs) this.#save();
    return changes;
  }

  /** Folders of known runs whose turn it is: those alive always. */
  #due(named: readonly string[], everything: boolean): ReadonlySet<string> {
    const folders = [...this.#held.keys()];
    if (everything || folders.length <= lookedAt) return new Set(folders);
    const alive = folders.filter((folder) => this.#held.get(folder)!.entry.isAlive);
    const start = this.#turn % folders.length;
    this.#turn = start + lookedAt;
    const turn = [...folders, ...folders].slice(start, start + lookedAt);
    return new Set([...alive, ...named, ...turn]);
  }

  #look(folder: string, changes: { changed: string[]; gone: string[] }): void {
    const held = this.#held.get(folder);
    if (!held) return;
    const { source, run } = held;
    const entry = this.#read({ folder, source }, held.entry);
    if (entry === held.entry) return;
    if (entry) {
      this.#hold({ folder, source, entry }, run.key);
      this.#unsaved.add(folder);
      changes.changed.push(run.key);
      return;
    }
    this.#held.delete(folder);
    this.#folders.delete(run.key);
    this.#unsaved.delete(folder);
    this.#forget(folder);
    changes.gone.push(run.key);
  }

  /** Reads runs that came. */
  async #find(pause: Pause): Promise<StoredEntry[]> {
    const found = new Map<string, FoundRun>();
    for (const tree of this.#trees)
      for (const each of await tree.scan(pause)) found.set(each.folder, each);
    const entries: StoredEntry[] = [];
    for (const each of found.values()) {
      if (this.#held.has(each.folder)) continue;
      await pause();
      const earlier = this.#stored.get(each.folder)?.entry;
      const entry = this.#read(each, earlier);
      if (!entry) this.#forget(each.folder);
      if (!entry) continue;
      entries.push({ ...each, entry });
      if (entry !== earlier) this.#unsaved.add(each.folder);
    }
    return entries;
  }

  #read({ folder, source }: FoundRun, earlier: IndexEntry | undefined): IndexEntry | undefined {
    const cacheFolder = this.#cacheFolder;
    return runReaders[source].readEntry(folder, { earlier, nowMs: this.#nowMs(), cacheFolder });
  }

  #forget(folder: string): void {
    for (const tree of this.#trees) tree.forget(folder);
  }

  /** @returns the keys, in the order of the runs' age */
  #name(entries: readonly StoredEntry[]): string[] {
    const sorted = entries.toSorted((a, b) => byAge(a.entry.run, b.entry.run));
    return sorted.map((stored) => {
      const { id } = stored.entry.run;
      let key = id;
      for (let n = 2; this.#folders.has(key); n++) key = `${id}~${n}`;
      this.#hold(stored, key);
      return key;
    });
  }

  #hold(stored: StoredEntry, key: string): void {
    this.#held.set(stored.folder, { ...stored, run: { key, ...stored.entry.run } });
    this.#folders.set(key, stored.folder);
  }

  /** A folder that is not ours keeps what it has. */
  #prune(): void {
    try {
      if (this.#cacheFolder !== null) pruneColumns(this.#cacheFolder, this.#held.keys());
    } catch {
      // columns too many cost room alone
    }
  }

  #save(): void {
    this.#savedMs = this.#nowMs();
    if (!this.#cache || this.#unsaved.size === 0) return;
    const changed = [...this.#unsaved].flatMap((folder) => this.#held.get(folder) ?? []);
    this.#cache.write(changed, [...this.#held.values()]);
    this.#unsaved.clear();
  }
}

type Aged = Pick<IndexedRun, "startedAt" | "folder">;

function byAge(a: Aged, b: Aged): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return a.folder < b.folder ? -1 : 1;
}
