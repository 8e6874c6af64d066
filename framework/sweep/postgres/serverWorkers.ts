import { InputError } from "../../base/errors.ts";
import { ownIdentity } from "../../tracking/runLock.ts";
import type { WorkerRegistry } from "../journalStore.ts";
import { clearSweepWish, parseSweepWish, writeSweepWish } from "../sweepControl.ts";
import type { SweepFolder } from "../sweepFolder.ts";
import { SweepWorkers } from "../sweepWorkers.ts";
import type { Attachment } from "./attachment.ts";
import type { Database, Queries } from "./database.ts";
import { readWorkers, type LivingWorker } from "./livingWorkers.ts";
import { machineIdentity } from "./machine.ts";
import { serverProblem } from "./serverProblem.ts";

/** Between two signs of life, at which wishes are looked for as well. */
const beatSeconds = 1;

export interface ServerWorkersOptions {
  readonly database: Database;
  readonly attachment: Attachment;
  readonly folder: SweepFolder;
  /** The server's address, without secrets. */
  readonly shown: string;
  /** Which processes can be looked for by their numbers; "" for none. */
  readonly machine?: string;
  /** Called when others have taken this process for dead. */
  readonly forgotten?: () => void;
}

/** The processes that share a sweep whose journal is in a database, by the server's clock. */
export class ServerWorkers implements WorkerRegistry {
  readonly own: string;
  readonly #options: ServerWorkersOptions;
  readonly #machine: string;
  /** Those of this place, for others that look at its folder. */
  readonly #local: SweepWorkers;
  #living: ReadonlyMap<string, LivingWorker> = new Map();
  #heart: NodeJS.Timeout | undefined;
  #isBeating = false;
  /** The last wish that was written into the folder, where the dashboard may write others. */
  #wish: string | null | undefined;

  constructor(options: ServerWorkersOptions) {
    const { folder, machine = machineIdentity() } = options;
    this.#options = options;
    this.#machine = machine;
    this.#local = new SweepWorkers(folder.path);
    this.own = this.#local.own;
  }

  async join(mayShare: boolean): Promise<boolean> {
    const { database, attachment, folder, shown } = this.#options;
    try {
      const isFirst = await database.transaction(async (queries) => {
        await queries.query("SELECT 1 FROM seedbed_sweep WHERE key = $1 FOR UPDATE", [
          attachment.sweep,
        ]);
        await this.look(queries);
        const [other] = this.#living.values();
        if (other && !mayShare) throw inUse(folder.path, other);
        await this.#enter(queries);
        const [row] = await queries.query(
          "UPDATE seedbed_sweep SET wish = CASE WHEN $2 THEN wish END WHERE key = $1 RETURNING wish",
          [attachment.sweep, other !== undefined],
        );
        this.#heed(row?.["wish"]);
        return other === undefined;
      });
      this.#local.join(true);
      this.#heart = setInterval(() => void this.#beat(), beatSeconds * 1000).unref();
      return isFirst;
    } catch (error) {
      throw serverProblem(error, shown);
    }
  }

  async leave(): Promise<void> {
    const { database, attachment } = this.#options;
    clearInterval(this.#heart);
    this.#local.leave();
    await database
      .query("DELETE FROM seedbed_worker WHERE sweep = $1 AND worker = $2", [
        attachment.sweep,
        this.own,
      ])
      .catch(() => {}); // others find out by its silence
  }

  isAlive(worker: string): boolean {
    return worker === this.own || this.#living.has(worker);
  }

  isKeptElsewhere(id: string): boolean {
    const { folder, attachment } = this.#options;
    const place = folder.lastStart(id)?.place;
    if (place === undefined || place === attachment.place) return false;
    const last = folder.lastEvent(id);
    if (last?.event === "ended" && last.outcome === "failed" && !last.again) return false;
    return [...this.#living.values()].some((each) => each.place === place);
  }

  /** Finds out who lives, and forgets the others; with the sweep locked. */
  async look(queries: Queries): Promise<void> {
    const { sweep } = this.#options.attachment;
    const { living, gone } = await readWorkers(queries, sweep, this.#machine);
    this.#living = living;
    this.#tellFolder();
    if (gone.length === 0) return;
    const sql = "DELETE FROM seedbed_worker WHERE sweep = $1 AND worker = ANY($2)";
    await queries.query(sql, [sweep, gone]);
  }

  /** Finds out who lives, for who only wants to read. */
  async see(queries: Queries): Promise<void> {
    const { sweep } = this.#options.attachment;
    this.#living = (await readWorkers(queries, sweep, this.#machine)).living;
    this.#tellFolder();
  }

  #tellFolder(): void {
    const { folder, attachment } = this.#options;
    const living = this.#living;
    folder.know((worker) => (living.get(worker)?.place ?? attachment.place) !== attachment.place);
  }

  async #enter(queries: Queries): Promise<void> {
    const { sweep, place } = this.#options.attachment;
    await queries.query(
      `INSERT INTO seedbed_worker (sweep, worker, place, machine, owner) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (sweep, worker) DO UPDATE SET beat_at = clock_timestamp()`,
      [sweep, this.own, place, this.#machine, JSON.stringify(ownIdentity())],
    );
  }

  /** A server that is away is the journal's to wait for. */
  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const { database, attachment, forgotten } = this.#options;
    try {
      const [row] = await database.query(
        `UPDATE seedbed_worker w SET beat_at = clock_timestamp() FROM seedbed_sweep s
         WHERE s.key = w.sweep AND w.sweep = $1 AND w.worker = $2 RETURNING s.wish`,
        [attachment.sweep, this.own],
      );
      if (row) this.#heed(row["wish"]);
      else {
        await this.#enter(database);
        forgotten?.();
      }
    } catch {
      return;
    } finally {
      this.#isBeating = false;
    }
  }

  #heed(said: unknown): void {
    const text = typeof said === "string" ? said : null;
    if (text === this.#wish) return;
    this.#wish = text;
    const { path } = this.#options.folder;
    const wish = text === null ? undefined : parseSweepWish(text);
    if (wish) writeSweepWish(path, wish);
    else clearSweepWish(path);
  }
}

function inUse(folder: string, { pid, host }: LivingWorker): InputError {
  return new InputError(
    `Cannot run sweep ${folder}: it is in use by process ${pid} on ${host}; add --join to share its trials, or stop that process first`,
  );
}
