import path from "node:path";
import { pathToFileURL } from "node:url";

import { errorAt } from "../base/errors.ts";
import type { HostBatch } from "../base/hostTensor.ts";
import type { JsonValue } from "../base/json.ts";
import { BatchPool, type BatchAnswer } from "./batchPool.ts";
import { checkIndex, missingBatch, type DataLoader, type Shard } from "./dataLoader.ts";
import { LoaderWorker } from "./loaderWorker.ts";

export interface WorkerLoaderOptions {
  /** A JavaScript or TypeScript file, or its address; each thread imports it for itself. */
  module: string | URL;
  /** The export that makes the loader, `(options) => DataLoader`; the default export by default. */
  factory?: string;
  /** What the factory is given; the same in every thread. */
  options?: JsonValue;
  /** Threads. */
  workers: number;
  /**
   * Batches that are being made, or made and not yet taken, at any time; by default two for each
   * thread.
   */
  prefetchBatches?: number;
}

/**
 * A loader whose batches are made in threads, ahead of their use. They are the batches that the
 * module's loader gives, however many threads there are. Only a batch's values come back, without a
 * copy: the module's loader must not use an array again that it has given away.
 *
 * Each thread has a loader of its own: it starts what it imports once more, and iterates an iterable
 * dataset from its beginning, passing over the examples of the other threads' batches.
 *
 * An error in a thread is thrown where its batch is asked for; after the death of a thread every
 * batch fails. `dispose` ends the threads.
 *
 * @throws {Error} when a thread cannot make the loader
 */
export async function workerLoader(options: WorkerLoaderOptions): Promise<DataLoader> {
  const whole = await startThreads(options);
  let latest = whole;
  return {
    ...whole,
    get length() {
      return whole.length;
    },
    async shard(shard) {
      await latest.dispose?.();
      latest = await startThreads(options, shard);
      return latest;
    },
    async dispose() {
      await latest.dispose?.();
    },
  };
}

async function startThreads(options: WorkerLoaderOptions, shard?: Shard): Promise<DataLoader> {
  const { module, factory = "default", options: given = {}, workers } = options;
  const { prefetchBatches = 2 * workers } = options;
  checkCount("workers", workers);
  checkCount("prefetchBatches", prefetchBatches);
  const address = module instanceof URL ? module : pathToFileURL(path.resolve(module));
  const setup = { module: address.href, factory, options: given, ...(shard && { shard }) };
  const threads = Array.from({ length: workers }, (_, i) => {
    return new LoaderWorker(setup, `worker ${i + 1} of ${workers}`, (error) => pool.fail(error));
  });
  const pool = new BatchPool(threads, prefetchBatches);
  try {
    const [length] = await Promise.all(threads.map((thread) => thread.start()));
    pool.length = length;
  } catch (cause) {
    await endAll(threads);
    throw errorAt(`Cannot load batches with ${address.href}`, cause);
  }
  return loaderOf(pool, threads);
}

function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new RangeError(`Cannot load batches: ${name} must be an integer >= 1, got ${count}`);
}

async function endAll(threads: readonly LoaderWorker[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.end()));
}

function loaderOf(pool: BatchPool, threads: readonly LoaderWorker[]): DataLoader {
  const { length } = pool;
  const held = holding(threads);
  const loader: DataLoader = {
    get length() {
      return length ?? pool.lengthSeen;
    },
    async batch(epoch, index) {
      checkIndex(index, length ?? Infinity);
      return batchOf(await held(() => pool.take(epoch, index)), epoch, index);
    },
    async dispose() {
      pool.fail(new Error("the loader was disposed"));
      await endAll(threads);
    },
  };
  if (length !== undefined) return loader;
  loader.has = async (epoch, index) => {
    checkIndex(index, Infinity);
    return (await held(() => pool.peek(epoch, index))).kind === "batch";
  };
  return loader;
}

/** Lets threads keep the process alive while something is waited for, and no longer. */
function holding(threads: readonly LoaderWorker[]) {
  let calls = 0;
  const hold = (isHeld: boolean): void => threads.forEach((thread) => thread.hold(isHeld));
  hold(false);
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (calls++ === 0) hold(true);
    try {
      return await work();
    } finally {
      if (--calls === 0) hold(false);
    }
  };
}

function batchOf(answer: BatchAnswer, epoch: number, index: number): HostBatch {
  if (answer.kind === "batch") return answer.batch;
  throw missingBatch(epoch, index, answer.length);
}
