/** @file Runs in the threads of `workerLoader`: makes the loader, then answers each `BatchRequest`. */
import { parentPort, workerData } from "node:worker_threads";

import { loadTypeScript } from "../base/bundle.ts";
import type { HostBatch, HostTensor } from "../base/hostTensor.ts";
import { sendError } from "../base/sentError.ts";
import { sizeOf } from "../base/shape.ts";
import type { DataLoader } from "./dataLoader.ts";
import type { BatchRequest, LoaderMessage, LoaderSetup } from "./loaderMessages.ts";
import { shardLoader } from "./shardLoader.ts";

const setup: LoaderSetup = workerData;

function tell(message: LoaderMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function makeLoader({ module, factory, options, shard }: LoaderSetup): Promise<DataLoader> {
  await loadTypeScript();
  const exported: Record<string, unknown> = await import(module);
  const make = exported[factory];
  if (typeof make !== "function") {
    const names = Object.keys(exported).join(", ") || "none";
    throw new TypeError(`expected it to export a function "${factory}", got ${names}`);
  }
  const loader = await make(options);
  if (typeof loader?.batch === "function") return shard ? shardLoader(loader, shard) : loader;
  throw new TypeError(`expected "${factory}" to return a DataLoader, got ${typeof loader}`);
}

async function answer(loader: DataLoader, { epoch, index }: BatchRequest): Promise<void> {
  if (loader.has && !(await loader.has(epoch, index))) {
    tell({ kind: "end", length: loader.length });
    return;
  }
  const owned = Object.entries(await loader.batch(epoch, index)).map(
    ([name, tensor]) => [name, withOwnMemory(name, tensor)] as const,
  );
  const batch: HostBatch = Object.fromEntries(owned);
  const buffers = owned.flatMap(([, { values }]) =>
    values.buffer instanceof ArrayBuffer ? [values.buffer] : [],
  );
  tell({ kind: "batch", batch }, [...new Set(buffers)]);
}

/** A tensor whose memory can be handed over: one that looks at a part of a larger memory is copied. */
function withOwnMemory(name: string, { values, shape }: HostTensor): HostTensor {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `entry "${name}" has no values any more; a batch's memory is handed over, so make new arrays for each`,
    );
  }
  return { shape, values: values.byteLength < values.buffer.byteLength ? values.slice() : values };
}

try {
  const loader = await makeLoader(setup);
  parentPort?.on("message", (request: BatchRequest) => {
    answer(loader, request).catch((error: unknown) => {
      tell({ kind: "failed", error: sendError(error) });
    });
  });
  tell(loader.has ? { kind: "ready" } : { kind: "ready", length: loader.length });
} catch (error) {
  tell({ kind: "failed", error: sendError(error) });
}
