import { InputError } from "../../base/errors.ts";
import type { Database, Queries } from "./database.ts";

/** Of the tables below. */
const schemaVersion = 1;

const tables = `
  CREATE TABLE seedbed_schema (version integer NOT NULL);
  CREATE TABLE seedbed_sweep (
    key text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    sweep_id text NOT NULL,
    version text NOT NULL,
    warm_start text NOT NULL,
    place text NOT NULL,
    begun_by text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    events integer NOT NULL DEFAULT 0,
    wish text
  );
  CREATE TABLE seedbed_event (
    sweep text NOT NULL REFERENCES seedbed_sweep ON DELETE CASCADE,
    number integer NOT NULL,
    section text NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (sweep, number)
  );
  CREATE TABLE seedbed_worker (
    sweep text NOT NULL REFERENCES seedbed_sweep ON DELETE CASCADE,
    worker text NOT NULL,
    place text NOT NULL,
    machine text NOT NULL,
    owner text NOT NULL,
    beat_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sweep, worker)
  );
  CREATE TABLE seedbed_run (
    sweep text NOT NULL REFERENCES seedbed_sweep ON DELETE CASCADE,
    id text NOT NULL,
    place text NOT NULL,
    files bytea NOT NULL,
    PRIMARY KEY (sweep, id)
  );
  INSERT INTO seedbed_schema VALUES (${schemaVersion})`;

/**
 * Makes the tables where there are none.
 *
 * @throws {InputError} when a later version of Seedbed has made them, or they may not be used
 */
export async function prepareSchema(database: Database, shown: string): Promise<void> {
  await database.transaction(async (queries) => {
    await queries.query("SELECT pg_advisory_xact_lock(hashtext('seedbed_schema'))");
    const [found] = await queries.query("SELECT to_regclass('seedbed_schema') AS found");
    if (found?.["found"] === null) await queries.query(tables);
    await checkRights(queries, shown);
    const [row] = await queries.query("SELECT version FROM seedbed_schema");
    const version = Number(row?.["version"]);
    if (version === schemaVersion) return;
    throw new InputError(
      `Cannot use the journal ${shown}: expected tables of version ${schemaVersion}, got version ${version}, of another version of Seedbed; update Seedbed, or give another database`,
    );
  });
}

async function checkRights(queries: Queries, shown: string): Promise<void> {
  const rows = await queries.query(
    `SELECT r.name || ' on ' || t.name AS missing, current_user AS me
     FROM unnest(ARRAY['seedbed_sweep', 'seedbed_event', 'seedbed_worker', 'seedbed_run']) AS t(name),
          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS r(name)
     WHERE NOT has_table_privilege(t.name, r.name)
     UNION ALL
     SELECT 'SELECT on seedbed_schema', current_user
     WHERE NOT has_table_privilege('seedbed_schema', 'SELECT')`,
  );
  const [first] = rows;
  if (!first) return;
  throw new InputError(
    `Cannot use the journal ${shown}: its user ${String(first["me"])} lacks ${String(first["missing"])}${rows.length > 1 ? ` and ${rows.length - 1} more rights` : ""}; its owner gives them with GRANT`,
  );
}
