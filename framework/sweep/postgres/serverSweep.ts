import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";

import { InputError } from "../../base/errors.ts";
import { FolderLock } from "../folderLock.ts";
import { readJournal } from "../journal.ts";
import type { SweepMeeting } from "../journalStore.ts";
import type { SweepWish } from "../sweepControl.ts";
import { SweepFolder } from "../sweepFolder.ts";
import { readAttachment, writeAttachment, type Attachment } from "./attachment.ts";
import { Database, type Queries, type Row } from "./database.ts";
import type { JournalAddress } from "./journalAddress.ts";
import { JournalCopy } from "./journalCopy.ts";
import { readWorkers } from "./livingWorkers.ts";
import { machineIdentity } from "./machine.ts";
import { Patience } from "./patience.ts";
import { prepareSchema } from "./schema.ts";
import { ServerJournal } from "./serverJournal.ts";
import { serverProblem } from "./serverProblem.ts";
import { ServerWorkers } from "./serverWorkers.ts";

/** A server that is away is waited for so long. */
const patienceSeconds = 600;

/** What workers of one sweep must agree on. */
export interface SharedPlan {
  /** Of the sweep. */
  readonly id: string;
  readonly name: string;
  /** Of the code that carries trials out. */
  readonly version: string;
  /** A hash of what its searcher has learnt from before the first point; "" for nothing. */
  readonly warmStart: string;
  /** Whether trials take each other's checkpoints, so that workers need one folder. */
  readonly sharesCheckpoints: boolean;
}

export interface OpenServerSweepOptions {
  readonly address: JournalAddress;
  readonly runsFolder: string;
  readonly plan: SharedPlan;
  readonly warn: (line: string) => void;
  /** Whether trials are to come, so that a sweep is made where there is none. */
  readonly starts: boolean;
  /** How long a server that is away is waited for, once the sweep is opened. */
  readonly patienceSeconds?: number;
  /** As `ServerWorkersOptions.machine`. */
  readonly machine?: string;
}

/** A sweep whose journal is in a PostgreSQL database. */
export interface ServerSweep {
  /** With a copy of the journal, as of now. */
  readonly folder: SweepFolder;
  readonly meeting: SweepMeeting;
  /** Whether any process runs it. */
  isRunning(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a sweep in a database, which is made there when there is none, and brings its folder up to date.
 *
 * @throws {InputError} when the server or its database cannot be used, or has another sweep of the name
 */
export async function openServerSweep(options: OpenServerSweepOptions): Promise<ServerSweep> {
  const { address, runsFolder, plan, warn, machine } = options;
  const { shown } = address;
  const database = new Database(address);
  try {
    await prepareSchema(database, shown);
    const folder = new SweepFolder(runsFolder, plan.name);
    mkdirSync(folder.path, { recursive: true });
    const attachment = await attach(database, folder, options);
    const { journalFile } = folder;
    const runFolder = (id: string): string => folder.runFolder(id);
    const copy = new JournalCopy({ attachment, journalFile, runFolder });
    await copy.check(database);
    await copy.pull(database);
    folder.refresh();
    const shared = { database, attachment, folder, shown };
    const workers: ServerWorkers = new ServerWorkers({
      ...shared,
      ...(machine !== undefined && { machine }),
      forgotten: () => void store.exclusively(() => {}).catch(() => {}),
    });
    await workers.see(database);
    const seconds = options.patienceSeconds ?? patienceSeconds;
    const store: ServerJournal = new ServerJournal({
      ...shared,
      copy,
      patience: new Patience({ shown, seconds, warn }),
      look: (queries) => workers.look(queries),
    });
    return {
      folder,
      meeting: { store, workers },
      isRunning: async () => hasWorkers(database, attachment.sweep, machine),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw serverProblem(error, shown);
  }
}

/**
 * Asks the processes that run a sweep for something, wherever they are.
 *
 * @returns whether there are any
 */
export async function wishServerSweep(
  address: JournalAddress,
  name: string,
  wish: SweepWish,
): Promise<boolean> {
  const database = new Database(address);
  const { shown } = address;
  try {
    await prepareSchema(database, shown);
    const [row] = await database.query("SELECT key FROM seedbed_sweep WHERE name = $1", [name]);
    const key = row?.["key"];
    if (typeof key !== "string" || !(await hasWorkers(database, key))) return false;
    const text = JSON.stringify(wish);
    await database.query("UPDATE seedbed_sweep SET wish = $2 WHERE key = $1", [key, text]);
    return true;
  } catch (error) {
    throw serverProblem(error, shown);
  } finally {
    await database.close();
  }
}

async function hasWorkers(
  queries: Queries,
  sweep: string,
  machine: string = machineIdentity(),
): Promise<boolean> {
  const { living } = await readWorkers(queries, sweep, machine);
  return living.size > 0;
}

/** Ties a folder to a sweep in the database, one process of the folder after another. */
async function attach(
  database: Database,
  folder: SweepFolder,
  options: OpenServerSweepOptions,
): Promise<Attachment> {
  return new FolderLock(`${folder.path}/sweep.journal.lock`).hold(async () => {
    const known = readAttachment(folder.path);
    if (!known) checkIsNew(folder);
    const place = known?.place ?? randomUUID();
    const attachment = await database.transaction(async (queries) => {
      if (!known && options.starts) await make(queries, place, options.plan);
      const row = await findSweep(queries, options.plan.name);
      checkIsSame(row, { known, place, folder }, options);
      if (known && options.starts) await update(queries, known, options.plan);
      return { sweep: String(row?.["key"]), place };
    });
    if (!known) writeAttachment(folder.path, attachment);
    return attachment;
  });
}

/** @throws {InputError} when a folder has a journal of its own */
function checkIsNew({ journalFile, path }: SweepFolder): void {
  if (readJournal(journalFile).length === 0) return;
  throw new InputError(
    `Cannot keep the journal of ${path} in a database: the sweep has begun with ${journalFile}; go on without a database, or give another folder with --runs`,
  );
}

async function make(queries: Queries, place: string, plan: SharedPlan): Promise<void> {
  const { id, name, version, warmStart } = plan;
  await queries.query(
    `INSERT INTO seedbed_sweep (key, name, sweep_id, version, warm_start, place, begun_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`,
    [randomUUID(), name, id, version, warmStart, place, hostname()],
  );
}

/** A file may change while its sweep goes on, where that has begun. */
async function update(queries: Queries, known: Attachment, plan: SharedPlan): Promise<void> {
  await queries.query(
    "UPDATE seedbed_sweep SET sweep_id = $2, version = $3, warm_start = $4 WHERE key = $1",
    [known.sweep, plan.id, plan.version, plan.warmStart],
  );
}

async function findSweep(queries: Queries, name: string): Promise<Row | undefined> {
  const [row] = await queries.query(
    `SELECT key, sweep_id, version, warm_start, place, begun_by, begun_at::date::text AS day
     FROM seedbed_sweep WHERE name = $1 FOR UPDATE`,
    [name],
  );
  return row;
}

/** A folder that asks for its sweep. */
interface Asked {
  readonly known: Attachment | undefined;
  readonly place: string;
  readonly folder: SweepFolder;
}

/** @throws {InputError} when the database has no such sweep, or another one */
function checkIsSame(
  row: Row | undefined,
  { known, place, folder }: Asked,
  { plan, address: { shown } }: OpenServerSweepOptions,
): void {
  const { name } = plan;
  if (!row || (known && row["key"] !== known.sweep)) {
    const has = row ? "has another sweep of that name" : "does not have it";
    throw new InputError(
      `Cannot use the journal ${shown} for sweep ${name}: it ${has}${known ? `, and ${folder.path} belongs to one; give the database where that is` : "; start it first"}`,
    );
  }
  if (plan.sharesCheckpoints && row["place"] !== place) {
    throw new InputError(
      `Cannot share sweep ${name} between folders: members of a population take each other's checkpoints; start this worker where it sees the runs of ${String(row["begun_by"])}, or without pbt`,
    );
  }
  const begun = `begun on ${String(row["begun_by"])} on ${String(row["day"])}`;
  if (!known && (row["sweep_id"] !== plan.id || row["version"] !== plan.version)) {
    throw new InputError(
      `Cannot use the journal ${shown} for sweep ${name}: it has another sweep of that name, ${String(row["sweep_id"])} of Seedbed ${String(row["version"])}, ${begun}, where this is ${plan.id} of Seedbed ${plan.version}; give one of them another name, or both the same file`,
    );
  }
  if (!known && row["warm_start"] !== plan.warmStart) {
    throw new InputError(
      `Cannot share sweep ${name}: its searcher has learnt from other runs than it would here; copy warm-start.${plan.id}.json from the runs of ${String(row["begun_by"])} into ${folder.path}`,
    );
  }
}
