/**
 * @file The side of another TF.js backend: the same workloads, each operation run as it is called.
 *
 * Started with the name of a peer, it reads one JSON command a line from standard input and answers
 * each with one JSON line on standard output:
 *
 *     {"command": "hello", "threads": 2}            -> {"title": "tfjs-node 4.22.0"}
 *     {"command": "prepare", "workload": "unet"}    -> {}
 *     {"command": "step"}                           -> {"ms": 290.1, "loss": 0.59}
 *     {"command": "memory"}                         -> {"peakMb": 640}
 *
 * A failure answers {"error": "..."}. The process ends when standard input does.
 */
import { createInterface } from "node:readline";

import * as tf from "@tensorflow/tfjs";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly } from "../../../framework/base/compile.ts";
import { findWorkload } from "../cases/index.ts";
import { peakMb } from "../peakMb.ts";
import type { PreparedWorkload } from "../workload.ts";

type Answer = Record<string, unknown>;

/** The 4 GB that 32 bits address, less a tensor of 256 MB that may have found no place. */
const wasmLimitBytes = 2 ** 32 - 2 ** 28;

let prepared: PreparedWorkload | undefined;

/** Makes the peer's backend the active one. */
async function start(): Promise<Answer> {
  const name = process.argv[2];
  if (name === "tfjs-node") {
    await useBackend("tensorflow");
    return { title: `tfjs-node ${tf.version_core}` };
  }
  // in Node it has one thread, whatever it is told
  const { version_wasm: version } = await import("@tensorflow/tfjs-backend-wasm");
  if (await tf.setBackend("wasm")) return { title: `tfjs wasm ${version}` };
  throw new Error("its backend does not start");
}

function prepare({ workload }: Answer): Answer {
  prepared = findWorkload(String(workload)).prepare({ compile: runEagerly });
  return {};
}

async function step(): Promise<Answer> {
  if (!prepared) throw new Error("Cannot run: nothing is prepared");
  const start = performance.now();
  const loss = await prepared.run();
  const ms = performance.now() - start;
  checkMemory();
  return { ms, loss };
}

/** Beyond its memory, TF.js's wasm backend writes over what it has, and says nothing. */
function checkMemory(): void {
  if (wasmHeapBytes() < wasmLimitBytes) return;
  throw new Error("out of memory: all that WebAssembly can have is used");
}

/** 0 on another backend. */
function wasmHeapBytes(): number {
  const backend: object = tf.backend();
  const module: unknown = "wasm" in backend ? backend.wasm : undefined;
  if (typeof module !== "object" || module === null || !("HEAPU8" in module)) return 0;
  return module.HEAPU8 instanceof Uint8Array ? module.HEAPU8.length : 0;
}

async function carryOut(request: Answer): Promise<Answer> {
  switch (request["command"]) {
    case "hello":
      return await start();
    case "prepare":
      return prepare(request);
    case "step":
      return await step();
    case "memory":
      return { peakMb: peakMb() };
    default:
      throw new RangeError(`there is no command "${String(request["command"])}"`);
  }
}

function parse(line: string): Answer {
  const request: unknown = JSON.parse(line);
  if (typeof request === "object" && request !== null) {
    return Object.fromEntries(Object.entries(request));
  }
  throw new TypeError(`expected a command, got ${line}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer;
  try {
    answer = await carryOut(parse(line));
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
