import type { JournalEvent } from "./journal.ts";

/** Where the workers of a sweep keep its journal. */
export interface JournalStore {
  /**
   * Does something with the whole journal known, while no other worker does. What it appends is safe
   * when this returns.
   *
   * @param again called before the work is done once more: what it appended is forgotten, since others
   *   were faster while the place was out of reach
   */
  exclusively<T>(work: () => T | Promise<T>, again?: () => void): Promise<T>;
  /** Only to be called in `exclusively`; the folder of the sweep knows the event from then on. */
  append(event: JournalEvent): void;
  close(): void | Promise<void>;
}

/** The processes that share a sweep. */
export interface WorkerRegistry {
  /** This process, as the journal calls it. */
  readonly own: string;
  /**
   * Makes this process one of them.
   *
   * @param mayShare whether there may be others
   * @returns whether it is the only one
   * @throws {InputError} when there are others and none may be
   */
  join(mayShare: boolean): Promise<boolean>;
  leave(): void | Promise<void>;
  isAlive(worker: string): boolean;
  /**
   * Whether a trial was begun where this process does not see its checkpoints, and somebody lives there to
   * go on with it. Left out: all workers have one folder.
   */
  isKeptElsewhere?(id: string): boolean;
}

/** Where the processes that run a sweep meet. */
export interface SweepMeeting {
  readonly store: JournalStore;
  readonly workers: WorkerRegistry;
}
