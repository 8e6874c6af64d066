import pg from "pg";

import type { JournalAddress } from "./journalAddress.ts";

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Something that answers SQL. */
export interface Queries {
  /** @param values of `$1`, `$2`, ... */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What is done in it is done as a whole, or not at all. It is over after either. */
export interface Transaction extends Queries {
  commit(): Promise<void>;
  /** Never fails: whatever is wrong with the server, what was done is not kept. */
  rollback(): Promise<void>;
}

/** A connection that cannot be made, or an answer that does not come, is given up after so long. */
const [connectMs, answerMs] = [10_000, 60_000];

/**
 * How a transaction is begun: what is committed is on the server's disk; a lock that is not given, or a
 * process that does not go on, costs others a bounded time.
 */
const beginning = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL synchronous_commit = on;
  SET LOCAL lock_timeout = '20s';
  SET LOCAL idle_in_transaction_session_timeout = '5min';
  SET LOCAL tcp_keepalives_idle = 20;
  SET LOCAL tcp_keepalives_interval = 5;
  SET LOCAL tcp_keepalives_count = 4`;

/** A PostgreSQL database. Connections are made when they are needed, and made again when they broke. */
export class Database implements Queries {
  readonly #pool: pg.Pool;

  constructor({ url }: JournalAddress) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 3,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      keepAlive: true,
      allowExitOnIdle: true,
      application_name: "seedbed",
    });
    this.#pool.on("error", ignore); // of an idle connection
    // whoever asks next is told of what breaks between two questions
    this.#pool.on("connect", (client) => void client.on("error", ignore));
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = await this.#pool.connect();
    return ask(client, sql, values).then(
      (rows) => {
        client.release();
        return rows;
      },
      (error: unknown) => {
        client.release(true);
        throw error;
      },
    );
  }

  async begin(): Promise<Transaction> {
    const client = await this.#pool.connect();
    let isOver = false;
    const release = (isBroken: boolean): void => {
      if (isOver) return;
      isOver = true;
      client.release(isBroken);
    };
    const run = async (sql: string, values?: readonly unknown[]): Promise<readonly Row[]> => {
      try {
        return await ask(client, sql, values);
      } catch (error) {
        release(true);
        throw error;
      }
    };
    await run(beginning);
    return {
      query: run,
      async commit() {
        await run("COMMIT");
        release(false);
      },
      async rollback() {
        if (isOver) return;
        await run("ROLLBACK").then(
          () => release(false),
          () => {},
        );
      },
    };
  }

  /** Does something as a whole, or not at all. */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const transaction = await this.begin();
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } finally {
      await transaction.rollback();
    }
  }

  /** A second call does nothing. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}

const ignore = (): void => {};

async function ask(
  client: pg.PoolClient,
  sql: string,
  values?: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows }: { rows?: Row[] } = await (values
    ? client.query(sql, [...values])
    : client.query(sql));
  return rows ?? [];
}
