import { isAlive, parseOwner } from "../../tracking/runLock.ts";
import type { Queries, Row } from "./database.ts";

/** A worker of another machine counts as dead after so long without a sign of life. */
const deadSeconds = 120;

/** A worker that lives. */
export interface LivingWorker {
  /** Of its runs. */
  readonly place: string;
  readonly pid: number;
  readonly host: string;
}

export interface KnownWorkers {
  readonly living: ReadonlyMap<string, LivingWorker>;
  /** Those that have died without leaving. */
  readonly gone: readonly string[];
}

/**
 * Who runs a sweep. A server that was away takes nobody for dead: silence counts from its start.
 *
 * @param machine whose processes can be looked for by their numbers; "" for none
 */
export async function readWorkers(
  queries: Queries,
  sweep: string,
  machine: string,
): Promise<KnownWorkers> {
  const rows = await queries.query(
    `SELECT worker, place, machine, owner, extract(epoch FROM
       clock_timestamp() - greatest(beat_at, pg_postmaster_start_time()))::float AS silence
     FROM seedbed_worker WHERE sweep = $1`,
    [sweep],
  );
  const living = new Map(rows.flatMap((row) => judge(row, machine)));
  const all = rows.map(({ worker }) => String(worker));
  return { living, gone: all.filter((worker) => !living.has(worker)) };
}

function judge(row: Row, machine: string): [string, LivingWorker][] {
  const owner = parseOwner(String(row["owner"]));
  if (!owner || Number(row["silence"]) > deadSeconds) return [];
  const isHere = machine !== "" && row["machine"] === machine;
  if (isHere && !isAlive(owner, "")) return [];
  const { pid, host } = owner;
  return [[String(row["worker"]), { place: String(row["place"]), pid, host }]];
}
