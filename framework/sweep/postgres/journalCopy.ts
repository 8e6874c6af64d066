import { InputError } from "../../base/errors.ts";
import { FolderLock } from "../folderLock.ts";
import { Journal, JournalReader, type JournalEvent } from "../journal.ts";
import type { Attachment } from "./attachment.ts";
import type { Queries, Row } from "./database.ts";
import { unpackRun } from "./runCopies.ts";

export interface JournalCopyOptions {
  readonly attachment: Attachment;
  readonly journalFile: string;
  readonly runFolder: (id: string) => string;
}

/** Lines and runs that are asked for at once. */
const [linesAtOnce, runsAtOnce] = [5000, 50];
const trialId = /^[0-9a-z]{8}$/;

/**
 * What a folder has of a journal in a database: all its lines up to some moment, and the runs of other
 * places without their checkpoints. Whatever reads a sweep's folder finds there what it is used to.
 */
export class JournalCopy {
  readonly #options: JournalCopyOptions;
  readonly #lock: FolderLock;
  readonly #reader: JournalReader;
  #lines = 0;
  #last: JournalEvent | undefined;
  /** Trials whose copy could not be made yet. */
  readonly #late = new Set<string>();

  constructor(options: JournalCopyOptions) {
    this.#options = options;
    this.#lock = new FolderLock(`${options.journalFile}.lock`);
    this.#reader = new JournalReader(options.journalFile);
  }

  /** Takes in what has come since. Other processes of this place may do so as well. */
  async pull(queries: Queries): Promise<void> {
    await this.#lock.hold(async () => {
      this.#read();
      for (let isAll = false; !isAll;) {
        const rows = await this.#rowsAfter(this.#lines, queries);
        const events = rows.map(eventOf);
        await this.#copyRuns(events, queries);
        this.#append(rows);
        isAll = rows.length < linesAtOnce;
      }
    });
  }

  /** @throws {InputError} when the folder has lines that the database does not have */
  async check(queries: Queries): Promise<void> {
    await this.#lock.hold(async () => {
      this.#read();
      if (!this.#last) return;
      const [row] = await this.#rowsAfter(this.#lines - 1, queries);
      if (row && row["line"] === JSON.stringify(this.#last)) return;
      throw new InputError(
        `Cannot go on with ${this.#options.journalFile}: its line ${this.#lines} is not that of the journal in the database, which may be an earlier copy of itself; restore that, or give the sweep another name`,
      );
    });
  }

  async #rowsAfter(lines: number, queries: Queries): Promise<readonly Row[]> {
    return queries.query(
      "SELECT line FROM seedbed_event WHERE sweep = $1 AND number > $2 ORDER BY number LIMIT $3",
      [this.#options.attachment.sweep, lines, linesAtOnce],
    );
  }

  #read(): void {
    const events = this.#reader.read();
    this.#lines += events.length;
    this.#last = events.at(-1) ?? this.#last;
  }

  #append(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const journal = new Journal(this.#options.journalFile);
    journal.cutAt(this.#reader.bytes);
    journal.appendLines(rows.map(({ line }) => String(line)));
    journal.close();
    this.#read();
  }

  /** Of trials of other places that have ended, for now or for good: before it is said that they have. */
  async #copyRuns(events: readonly JournalEvent[], queries: Queries): Promise<void> {
    const { attachment, runFolder } = this.#options;
    for (const { event, place, id } of events) {
      if (event === "ended" && place !== attachment.place && trialId.test(id)) this.#late.add(id);
    }
    const ids = [...this.#late];
    for (let i = 0; i < ids.length; i += runsAtOnce) {
      const rows = await queries.query(
        "SELECT id, place, files FROM seedbed_run WHERE sweep = $1 AND id = ANY($2)",
        [attachment.sweep, ids.slice(i, i + runsAtOnce)],
      );
      for (const { id, place, files } of rows) {
        if (typeof id !== "string" || !trialId.test(id) || !Buffer.isBuffer(files)) continue;
        if (place === attachment.place || unpackRun(runFolder(id), files)) this.#late.delete(id);
      }
    }
  }
}

function eventOf({ line }: Row): JournalEvent {
  const event: JournalEvent = JSON.parse(String(line));
  return event;
}
