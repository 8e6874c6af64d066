import type { DuckDBConnection } from "@duckdb/node-api";

import { InputError } from "../base/errors.ts";
import { allColumns, entriesFrame, historyFrame, runsFrame, type Frame } from "./frame.ts";
import type { Cell, IndexedRun } from "./indexedRun.ts";
import type { Series } from "./series.ts";

/** What a query found. */
export interface SqlAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * Asks DuckDB about runs, in a database of its own in memory: tables `runs` (a row for each, with
 * all its columns), `config` and `summary` (`run, key, value, number`), and `metrics` (`run, metric,
 * step, epoch, time, value`: all that was logged), which is filled when the query names it.
 *
 * @throws {InputError} when DuckDB is not installed, or refuses the query
 */
export async function queryRuns(
  sql: string,
  runs: readonly IndexedRun[],
  series: Series,
): Promise<SqlAnswer> {
  const { DuckDBInstance } = await loadDuckDb();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await fill(connection, "runs", runsFrame(runs, distinctColumns(allColumns(runs))));
    await fill(connection, "config", entriesFrame(runs, "config"));
    await fill(connection, "summary", entriesFrame(runs, "summary"));
    const hasMetrics = /\bmetrics\b/i.test(sql);
    await fill(connection, "metrics", historyFrame(hasMetrics ? runs : [], series));
    return await ask(connection, sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new InputError(
      "Cannot query runs: expected the package @duckdb/node-api, which is optional; install it with: npm install @duckdb/node-api",
      { cause },
    );
  }
}

/** DuckDB's names do not tell capital letters from small ones: of columns that differ in that the first stays. */
function distinctColumns(names: readonly string[]): string[] {
  const known = new Set<string>();
  return names.filter((name) => {
    const isNew = !known.has(name.toLowerCase());
    known.add(name.toLowerCase());
    return isNew;
  });
}

const sqlTypes = { number: "DOUBLE", text: "VARCHAR", boolean: "BOOLEAN" } as const;

async function fill(connection: DuckDBConnection, table: string, frame: Frame): Promise<void> {
  const columns = frame.columns.map(
    ({ name, kind }) => `"${name.replaceAll('"', '""')}" ${sqlTypes[kind]}`,
  );
  await connection.run(`CREATE TABLE ${table} (${columns.join(", ")})`);
  const appender = await connection.createAppender(table);
  for (const row of frame.rows) {
    for (const cell of row) {
      if (cell === null) appender.appendNull();
      else if (typeof cell === "number") appender.appendDouble(cell);
      else if (typeof cell === "boolean") appender.appendBoolean(cell);
      else appender.appendVarchar(cell);
    }
    appender.endRow();
  }
  appender.closeSync();
}

async function ask(connection: DuckDBConnection, sql: string): Promise<SqlAnswer> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return {
      columns: reader.columnNames(),
      rows: reader.getRowsJS().map((row) => row.map(cellOf)),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot query runs: ${reason}`, { cause });
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return value;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "bigint" ? Number(each) : each,
  );
}
