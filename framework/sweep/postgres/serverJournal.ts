import { randomUUID } from "node:crypto";

import { InputError } from "../../base/errors.ts";
import type { JournalEvent } from "../journal.ts";
import type { JournalStore } from "../journalStore.ts";
import type { SweepFolder } from "../sweepFolder.ts";
import type { Attachment } from "./attachment.ts";
import type { Database, Queries, Transaction } from "./database.ts";
import type { JournalCopy } from "./journalCopy.ts";
import type { Patience } from "./patience.ts";
import { packRun, removeCopy } from "./runCopies.ts";

export interface ServerJournalOptions {
  readonly database: Database;
  readonly attachment: Attachment;
  readonly copy: JournalCopy;
  readonly folder: SweepFolder;
  readonly patience: Patience;
  /** The server's address, without secrets. */
  readonly shown: string;
  /** Called with the sweep locked, before the work. */
  readonly look: (queries: Queries) => Promise<void>;
}

/** A transaction that holds the sweep. */
interface Held {
  readonly transaction: Transaction;
  /** How many events the journal has. */
  readonly events: number;
}

/**
 * A journal in a PostgreSQL database. What is done exclusively is one transaction, which holds the sweep's
 * row: a worker that dies lets it go with its connection, and what it noted is there as a whole or not at
 * all. The folder has a copy.
 */
export class ServerJournal implements JournalStore {
  readonly #options: ServerJournalOptions;
  #noted: JournalEvent[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ServerJournalOptions) {
    this.#options = options;
  }

  exclusively<T>(work: () => T | Promise<T>, again?: () => void): Promise<T> {
    const turn = this.#turn.then(() => this.#exclusively(work, again));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  append(event: JournalEvent): void {
    const placed = { ...event, place: this.#options.attachment.place };
    this.#noted.push(placed);
    this.#options.folder.draft(placed);
  }

  async close(): Promise<void> {
    await this.#options.database.close();
  }

  async #exclusively<T>(work: () => T | Promise<T>, again?: () => void): Promise<T> {
    const { patience, folder } = this.#options;
    while (true) {
      const held = await patience.until(() => this.#begin());
      try {
        folder.refresh();
        const result = await work();
        if (await this.#keep(held, this.#noted)) return result;
      } finally {
        await held.transaction.rollback();
        this.#noted = [];
        folder.settle();
      }
      again?.();
    }
  }

  /** Locks the sweep, and takes in what others have noted. */
  async #begin(): Promise<Held> {
    const { copy, look } = this.#options;
    const held = await this.#hold();
    try {
      await copy.pull(held.transaction);
      await look(held.transaction);
      return held;
    } catch (error) {
      await held.transaction.rollback();
      throw error;
    }
  }

  async #hold(): Promise<Held> {
    const { database, attachment, shown } = this.#options;
    const transaction = await database.begin();
    const [row] = await transaction.query(
      "SELECT events FROM seedbed_sweep WHERE key = $1 FOR UPDATE",
      [attachment.sweep],
    );
    if (row) return { transaction, events: Number(row["events"]) };
    await transaction.rollback();
    throw new InputError(`Cannot use the journal ${shown}: somebody has deleted the sweep there`);
  }

  /**
   * Commits events, however often the server goes away meanwhile.
   *
   * @returns false when others have noted something since `held` began, which must be known first
   */
  async #keep(held: Held, events: readonly JournalEvent[]): Promise<boolean> {
    if (events.length === 0) return true;
    const { patience, folder } = this.#options;
    const section = randomUUID();
    const runs = new Map(
      events.flatMap(({ event, id }) =>
        event === "ended" ? [[id, packRun(folder.runFolder(id))] as const] : [],
      ),
    );
    let open: Held | undefined = held;
    const kept = await patience.until(async () => {
      const current = open ?? (await this.#hold());
      const isFirst = open !== undefined;
      open = undefined;
      try {
        if (!isFirst && current.events > held.events) {
          return await this.#isOurs(current.transaction, held.events + 1, section);
        }
        await this.#write(current, events, { section, runs });
        await current.transaction.commit();
        return true;
      } finally {
        await current.transaction.rollback();
      }
    });
    if (kept) await this.#takeOver(events);
    return kept;
  }

  /** Whether an event is one of ours: the answer to their commit was lost. */
  async #isOurs(queries: Queries, number: number, section: string): Promise<boolean> {
    const [row] = await queries.query(
      "SELECT section FROM seedbed_event WHERE sweep = $1 AND number = $2",
      [this.#options.attachment.sweep, number],
    );
    return row?.["section"] === section;
  }

  async #write(
    { transaction, events: before }: Held,
    events: readonly JournalEvent[],
    { section, runs }: { section: string; runs: ReadonlyMap<string, Buffer> },
  ): Promise<void> {
    const { sweep, place } = this.#options.attachment;
    await transaction.query(
      `INSERT INTO seedbed_event (sweep, number, section, line)
       SELECT $1, number, $2, line FROM unnest($3::integer[], $4::text[]) AS new(number, line)`,
      [
        sweep,
        section,
        events.map((_, i) => before + 1 + i),
        events.map((event) => JSON.stringify(event)),
      ],
    );
    for (const [id, files] of runs) {
      await transaction.query(
        `INSERT INTO seedbed_run (sweep, id, place, files) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sweep, id) DO UPDATE SET place = excluded.place, files = excluded.files`,
        [sweep, id, place, files],
      );
    }
    await transaction.query("UPDATE seedbed_sweep SET events = $2 WHERE key = $1", [
      sweep,
      before + events.length,
    ]);
  }

  /** Does here what follows from events that are kept. */
  async #takeOver(events: readonly JournalEvent[]): Promise<void> {
    const { folder, copy, database, patience } = this.#options;
    for (const { event, id } of events) {
      if (event === "started") removeCopy(folder.runFolder(id));
    }
    await patience.until(() => copy.pull(database));
  }
}
