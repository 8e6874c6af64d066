/** @file Runs in the thread of `CheckpointWriter`: writes checkpoints, one `CheckpointJob` at a time. */
import { parentPort } from "node:worker_threads";

import { sendError } from "../base/sentError.ts";
import { carryOutJob } from "./checkpointJob.ts";
import type { WriterAnswer, WriterRequest } from "./checkpointWriter.ts";

const pageBytes = 4096;

/** Lets the system give the memory, which takes longer than to copy values into it. Changes none. */
function takeMemory(buffers: readonly SharedArrayBuffer[]): void {
  for (const buffer of buffers) {
    const bytes = new Uint8Array(buffer);
    for (let i = 0; i < bytes.length; i += pageBytes) Atomics.add(bytes, i, 0);
  }
}

function answer(request: WriterRequest): WriterAnswer {
  try {
    if (request.kind === "take") takeMemory(request.buffers);
    else carryOutJob(request.job);
    return {};
  } catch (error) {
    return { error: sendError(error) };
  }
}

parentPort?.on("message", (request: WriterRequest) => parentPort?.postMessage(answer(request)));
