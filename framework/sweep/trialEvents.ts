import type { Journal, JournalEvent } from "./journal.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial } from "./trialPlan.ts";

/** `Omit` that leaves a union a union. */
type EventContent = JournalEvent extends infer E
  ? E extends JournalEvent
    ? Omit<E, "id" | "trial" | "time">
    : never
  : never;

/** Puts what happens to trials on the disk, and into what is known of the sweep's folder. */
export class TrialEvents {
  readonly #journal: Journal;
  readonly #folder: SweepFolder;

  constructor(journal: Journal, folder: SweepFolder) {
    this.#journal = journal;
    this.#folder = folder;
  }

  note({ id, index }: Trial, content: EventContent): void {
    const event: JournalEvent = {
      id,
      trial: index + 1,
      time: new Date().toISOString(),
      ...content,
    };
    this.#journal.append(event);
    this.#folder.note(event);
  }
}
