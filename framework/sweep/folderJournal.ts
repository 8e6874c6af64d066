import { FolderLock } from "./folderLock.ts";
import { Journal, type JournalEvent } from "./journal.ts";
import type { JournalStore, SweepMeeting } from "./journalStore.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import { SweepWorkers } from "./sweepWorkers.ts";

/** A journal in the folder of the sweep's runs, which all workers have in common. */
export class FolderJournal implements JournalStore {
  readonly #folder: SweepFolder;
  readonly #lock: FolderLock;
  readonly #journal: Journal;

  constructor(folder: SweepFolder) {
    this.#folder = folder;
    this.#lock = new FolderLock(`${folder.journalFile}.lock`);
    this.#journal = new Journal(folder.journalFile);
  }

  async exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#lock.hold(() => {
      this.#folder.refresh();
      this.#journal.cutAt(this.#folder.journalBytes);
      return work();
    });
  }

  append(event: JournalEvent): void {
    this.#journal.append(event);
    this.#folder.refresh();
  }

  close(): void {
    this.#journal.close();
  }
}

/** Workers that have the folder of their runs in common meet there. */
export function meetInFolder(folder: SweepFolder): SweepMeeting {
  const store = new FolderJournal(folder);
  const workers = new SweepWorkers(folder.path);
  return {
    store,
    workers: {
      own: workers.own,
      join: (mayShare) => store.exclusively(() => workers.join(mayShare)),
      leave: () => workers.leave(),
      isAlive: (worker) => workers.isAlive(worker),
    },
  };
}
