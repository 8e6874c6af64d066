import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { freePorts } from "./freePorts.ts";

/** A PostgreSQL server of its own, in a temporary folder. */
export interface TestPostgres {
  readonly port: number;
  /** Of a user of the server: its superuser unless another is named. */
  address(database: string, user?: string, password?: string): string;
  /** Does something as the superuser. @returns rows, with their columns between bars */
  sql(text: string, database?: string): string[];
  /** Has it die as by a failure of the machine. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const superuser = "seedbed";
const password = "a password of the tests";

/** Its server does not run as root: it is Debian's user `postgres` then. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = programFolder();
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-postgres-"));
  const owner = process.getuid?.() === 0 ? userOf("postgres") : undefined;
  chmodSync(folder, 0o755);
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = path.join(folder, "data");
  const passwordFile = path.join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const options = { cwd: folder, ...owner };
  const words = ["-D", data, "-U", superuser, "-A", "scram-sha-256", "--no-sync", "--no-locale"];
  execFileSync(path.join(programs, "initdb"), [...words, "--pwfile", passwordFile], {
    ...options,
    stdio: "pipe",
  });
  const [port = 0] = await freePorts(1);
  let server: ChildProcess | undefined;
  const sql: TestPostgres["sql"] = (text, database = "postgres") =>
    execFileSync(
      path.join(programs, "psql"),
      [...["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"], "-c", text, "-d", address(database)],
      { encoding: "utf8", stdio: "pipe" },
    )
      .split("\n")
      .slice(0, -1);
  function address(database: string, user = superuser, secret = password): string {
    return `postgres://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
  }
  async function start(): Promise<void> {
    const settings = [
      ...[`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories="],
      ...["fsync=off", "full_page_writes=off"], // a killed server loses nothing that the system has
    ];
    const args = ["-D", data, ...settings.flatMap((each) => ["-c", each])];
    // one that died may leave its processes for a moment, for which the next one does not wait
    for (let tries = 0; tries < 100; tries++) {
      const child = spawn(path.join(programs, "postgres"), args, { ...options, stdio: "ignore" });
      server = child;
      while (child.exitCode === null && child.signalCode === null) {
        if (answers()) return;
        await pause(30);
      }
      await pause(50);
    }
    throw new Error("Cannot start PostgreSQL: it ends at once");
  }
  function answers(): boolean {
    try {
      return sql("SELECT 1").length === 1;
    } catch {
      return false;
    }
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = server;
    server = undefined;
    if (!child || child.exitCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await closed;
  }
  await start();
  return {
    ...{ port, address, sql, start },
    kill: () => end("SIGKILL"),
    async stop() {
      await end("SIGINT"); // without waiting for those who use it
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of Debian's newest version, else of the path. */
function programFolder(): string {
  const root = "/usr/lib/postgresql";
  try {
    const [newest] = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return path.join(root, newest, "bin");
  } catch {
    // another system
  }
  return execFileSync("pg_config", ["--bindir"], { encoding: "utf8" }).trim();
}

function userOf(name: string): { uid: number; gid: number } {
  const idOf = (option: string): number =>
    Number(execFileSync("id", [option, name], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
