/** @file One server for all files of the suite: starting it takes a second or two. */
import { after, before } from "mocha";

import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let started: TestPostgres | undefined;

before("starts PostgreSQL", async function () {
  this.timeout(60_000);
  started = await startPostgres();
  started.sql("CREATE DATABASE sweeps");
});
after("stops PostgreSQL", () => started?.stop());

export function server(): TestPostgres {
  if (started) return started;
  throw new Error("Cannot use the server before the first test: it is started before that");
}

const tables = ["run", "worker", "event", "sweep", "schema"].map((name) => `seedbed_${name}`);

/** Takes all tables out of the database `sweeps`. */
export function emptyDatabase(): void {
  server().sql(`DROP TABLE IF EXISTS ${tables.join(", ")}`, "sweeps");
}
