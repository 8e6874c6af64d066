import { FolderLock } from "./folderLock.ts";
import { Journal, type DecidedEvent, type JournalEvent } from "./journal.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** `Omit` that leaves a union a union. */
export type EventContent = JournalEvent extends infer E
  ? E extends JournalEvent
    ? Omit<E, "id" | "trial" | "time" | "worker">
    : never
  : never;

/** Is told what was decided, once it is on the disk. */
export interface DecisionListener {
  decided?(trial: Trial, decision: DecidedEvent): void;
}

/** Puts what happens to trials on the disk, where other workers' events come as well. */
export class TrialEvents {
  readonly #folder: SweepFolder;
  readonly #worker: string;
  readonly #lock: FolderLock;
  readonly #journal: Journal;
  readonly #listener: DecisionListener;

  /** @param worker this process, as the journal calls it */
  constructor(folder: SweepFolder, worker: string, listener: DecisionListener = {}) {
    this.#folder = folder;
    this.#worker = worker;
    this.#listener = listener;
    this.#lock = new FolderLock(`${folder.journalFile}.lock`);
    this.#journal = new Journal(folder.journalFile);
  }

  /** Does something with all that is known, while no other worker does. */
  async exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#lock.hold(() => {
      this.#folder.refresh();
      this.#journal.cutAt(this.#folder.journalBytes);
      return work();
    });
  }

  /** Only to be called in `exclusively`. */
  note(trial: Trial, content: EventContent): void {
    const { id, index } = trial;
    this.#journal.append({
      id,
      trial: index + 1,
      time: new Date().toISOString(),
      worker: this.#worker,
      ...content,
    });
    this.#folder.refresh();
    if (content.event === "decided") this.#listener.decided?.(trial, content);
  }

  close(): void {
    this.#journal.close();
  }
}
