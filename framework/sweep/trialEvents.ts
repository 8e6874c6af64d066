import type { DecidedEvent, Journal, JournalEvent } from "./journal.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** `Omit` that leaves a union a union. */
type EventContent = JournalEvent extends infer E
  ? E extends JournalEvent
    ? Omit<E, "id" | "trial" | "time">
    : never
  : never;

/** Is told what was decided, once it is on the disk. */
export interface DecisionListener {
  decided?(trial: Trial, decision: DecidedEvent): void;
}

/** Puts what happens to trials on the disk, and into what is known of the sweep's folder. */
export class TrialEvents {
  readonly #journal: Journal;
  readonly #folder: SweepFolder;
  readonly #listener: DecisionListener;

  constructor(journal: Journal, folder: SweepFolder, listener: DecisionListener) {
    this.#journal = journal;
    this.#folder = folder;
    this.#listener = listener;
  }

  note(trial: Trial, content: EventContent): void {
    const { id, index } = trial;
    const event: JournalEvent = {
      id,
      trial: index + 1,
      time: new Date().toISOString(),
      ...content,
    };
    this.#journal.append(event);
    this.#folder.note(event);
    if (content.event === "decided") this.#listener.decided?.(trial, content);
  }
}
