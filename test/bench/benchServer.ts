import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import { processMemory } from "./processMemory.ts";

/** A server of `seedbed` in a process of its own. */
export interface BenchServer {
  readonly address: string;
  /**
   * The JSON that it answers; a body is sent as JSON by POST.
   *
   * @throws {Error} when it answers with an error
   */
  ask(route: string, body?: object): Promise<any>;
  /** From the start of the process to the line that says where it listens. */
  readonly startMs: number;
  /** Processor time that the process has taken, in all threads. */
  processorMs(): number;
  /** The most memory that the process ever took, in MB. */
  peakMb(): number;
  /** V8's heap and the arrays beside it without garbage, which is collected, in MB; where `collects`. */
  keptMb(): Promise<number>;
  stop(): Promise<void>;
}

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");
const collector = path.join(import.meta.dirname, "collectOnMessage.js");

/**
 * @param args of `seedbed`, such as `ui --runs runs`; a free port is added
 * @param collects whether it can be asked for `keptMb`, which makes its start some milliseconds longer
 */
export async function startServer(
  args: readonly string[],
  { collects = false }: { collects?: boolean } = {},
): Promise<BenchServer> {
  const start = performance.now();
  const imports = collects ? ["--import", collector] : [];
  const child = spawn(process.execPath, [...imports, program, ...args, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit", ...(collects ? (["ipc"] as const) : [])],
  });
  const address = await readAddress(child);
  return {
    address,
    ask: (route, body) => ask(address + route, body),
    startMs: performance.now() - start,
    peakMb: () => processMemory(child.pid!, "peak") / 2 ** 20,
    async keptMb() {
      if (!collects) throw new Error("Cannot collect a server's garbage: start it with collects");
      const collected = once(child, "message");
      child.send("collect");
      const [bytes] = await collected;
      return Number(bytes) / 2 ** 20;
    },
    processorMs: () => processorMs(child.pid!),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function readAddress(child: ChildProcess): Promise<string> {
  for await (const line of createInterface(child.stdout!)) {
    const [address] = /http:\/\/\S+/.exec(line) ?? [];
    if (address !== undefined) return address.replace(/\/$/, "");
  }
  throw new Error("Cannot measure a server: it ended before it said where it listens");
}

async function ask(url: string, body?: object): Promise<unknown> {
  const post = body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, post);
  if (response.ok) return response.json();
  throw new Error(`Cannot accept the server's answer ${response.status} to ${url}`);
}

const msPerTick = 10;

function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return msPerTick * (Number(fields[11]) + Number(fields[12])); // user's and system's ticks
}
