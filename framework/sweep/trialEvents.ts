import { FolderJournal } from "./folderJournal.ts";
import type { DecidedEvent, JournalEvent } from "./journal.ts";
import type { JournalStore } from "./journalStore.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** `Omit` that leaves a union a union. */
export type EventContent = JournalEvent extends infer E
  ? E extends JournalEvent
    ? Omit<E, "id" | "trial" | "time" | "worker" | "place">
    : never
  : never;

/** Is told what was decided, once it is safe. */
export interface DecisionListener {
  decided?(trial: Trial, decision: DecidedEvent): void;
}

/** Writes down what happens to trials, where other workers' events come as well. */
export class TrialEvents {
  readonly #worker: string;
  readonly #store: JournalStore;
  readonly #listener: DecisionListener;
  /** What was decided since `exclusively` was called. */
  #decisions: [Trial, DecidedEvent][] = [];

  /** @param worker this process, as the journal calls it */
  constructor(
    folder: SweepFolder,
    worker: string,
    listener: DecisionListener = {},
    store: JournalStore = new FolderJournal(folder),
  ) {
    this.#worker = worker;
    this.#listener = listener;
    this.#store = store;
  }

  /**
   * Does something with all that is known, while no other worker does. What it notes is safe when this
   * returns.
   *
   * @param again called before the work is done once more, as if it had not been: others were faster
   */
  async exclusively<T>(work: () => T | Promise<T>, again?: () => void): Promise<T> {
    const result = await this.#store.exclusively(() => {
      this.#decisions = [];
      return work();
    }, again);
    for (const [trial, decision] of this.#decisions.splice(0)) {
      this.#listener.decided?.(trial, decision);
    }
    return result;
  }

  /** Only to be called in `exclusively`. */
  decide(trial: Trial, decision: DecidedEvent): void {
    this.note(trial, decision);
    this.#decisions.push([trial, decision]);
  }

  /** Only to be called in `exclusively`. */
  note({ id, index }: Pick<Trial, "id" | "index">, content: EventContent): void {
    this.#store.append({
      id,
      trial: index + 1,
      time: new Date().toISOString(),
      worker: this.#worker,
      ...content,
    });
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}
