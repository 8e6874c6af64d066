import type { IndexedRun, RunSource } from "./indexedRun.ts";

/** What an index keeps of a run. Read again when the run's files have changed. */
export interface IndexEntry {
  /** All but what the index itself says. */
  readonly run: Omit<IndexedRun, "key">;
  /** A process may be writing: the run is looked at often. */
  readonly isAlive: boolean;
  /** The source's own, as JSON can carry it: how its files were, how far they were read. */
  readonly state: unknown;
}

/** An entry and where it belongs. */
export interface StoredEntry {
  readonly folder: string;
  readonly source: RunSource;
  readonly entry: IndexEntry;
}

export interface ReadEntryOptions {
  /** What an earlier call returned, or a stored copy of it. */
  readonly earlier: IndexEntry | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Where columns of long logs may be kept; null: nowhere. */
  readonly cacheFolder: string | null;
}

/** How runs of one program are read. */
export interface RunReader {
  /**
   * @returns the earlier entry itself when nothing has changed; undefined when the folder is no
   *   run's, or is gone
   */
  readEntry(folder: string, options: ReadEntryOptions): IndexEntry | undefined;
}
