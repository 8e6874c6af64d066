import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import { processMemory } from "./processMemory.ts";

/** A server of `seedbed` in a process of its own. */
export interface BenchServer {
  readonly address: string;
  /** From the start of the process to the line that says where it listens. */
  readonly startMs: number;
  /** Processor time that the process has taken, in all threads. */
  processorMs(): number;
  /** The most memory that the process ever took, in MB. */
  peakMb(): number;
  /** What it takes now. */
  residentMb(): number;
  stop(): Promise<void>;
}

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

/** @param args of `seedbed`, such as `ui --runs runs`; a free port is added */
export async function startServer(args: readonly string[]): Promise<BenchServer> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await readAddress(child);
  return {
    address,
    startMs: performance.now() - start,
    peakMb: () => processMemory(child.pid!, "peak") / 2 ** 20,
    residentMb: () => processMemory(child.pid!, "resident") / 2 ** 20,
    processorMs: () => processorMs(child.pid!),
    async stop() {
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

const msPerTick = 10;

function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return msPerTick * (Number(fields[11]) + Number(fields[12])); // user's and system's ticks
}
