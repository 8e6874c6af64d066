import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { LaneRecipe } from "../graph/laneRecipe.ts";
import { laneExport, laneImport, laneModule, laneWidth } from "./laneModule.ts";

/** Elements below which a stretch is not divided among threads. */
const fewest = 2 ** 15;
/** Threads from which on memory is the limit, not arithmetic. */
const mostThreads = 8;
/** Stretches start at multiples of so many elements: 64 bytes, a line of the cache. */
const line = 16;

/** A thread has nothing in JavaScript's memory but functions. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

/** The arrays of a recipe in a memory. */
export interface LaneArrays {
  /** Byte at which the first array starts. */
  readonly start: number;
  /** Bytes from one array to the next. */
  readonly stride: number;
  /** Elements of each, a multiple of 4. */
  readonly length: number;
}

/** A recipe that is ready to run on its arrays. */
export interface LoadedLanes {
  /** @param scalars of the recipe, in its order */
  run(scalars: readonly number[], arrays: LaneArrays): Promise<void>;
  unload(): void;
}

/** Threads that carry out recipes, each on its stretch of the arrays. They do not keep a process alive. */
export class LaneThreads {
  readonly #workers: readonly Worker[];
  #loaded = 0;
  /** Why a thread ended, which it should not. */
  #failure: unknown;

  /** @param count threads that there may be */
  constructor(count: number) {
    const script = new URL("laneThread.mjs", import.meta.url);
    this.#workers = Array.from({ length: Math.min(count, mostThreads) }, () => {
      // Without the parent's loaders: they would be loaded for nothing.
      const worker = new Worker(script, { execArgv: [], resourceLimits });
      worker.unref();
      worker.once("error", (error) => (this.#failure = error));
      return worker;
    });
  }

  /** @param memory has all arrays that the recipe will run on */
  load(recipe: LaneRecipe, memory: WebAssembly.Memory): LoadedLanes {
    const module = new WebAssembly.Module(laneModule(recipe));
    const id = this.#loaded++;
    const imports = { [laneImport.module]: { [laneImport.memory]: memory } };
    const exported = laneExport;
    for (const worker of this.#workers) {
      worker.postMessage({ kind: "load", id, module, imports, exported });
    }
    return {
      run: async (scalars, { start, stride, length }) => {
        if (this.#failure)
          throw new Error("Cannot run lanes: a thread failed", { cause: this.#failure });
        const stretches = stretchesOf(length, this.#workers.length);
        const done = stretches.map(async ([from, count], i) => {
          const worker = this.#workers[i]!;
          const run = [start + 4 * from, count, stride, ...scalars];
          worker.ref();
          worker.postMessage({ kind: "run", id, run });
          await once(worker, "message"); // rejects when the thread fails
          worker.unref();
        });
        await Promise.all(done);
      },
      unload: () => {
        for (const worker of this.#workers) worker.postMessage({ kind: "unload", id });
      },
    };
  }
}

/** Where each thread's part starts, and how many elements it has. */
function stretchesOf(length: number, threads: number): [number, number][] {
  if (length % laneWidth !== 0) {
    throw new RangeError(`Cannot divide lanes: expected a multiple of ${laneWidth}, got ${length}`);
  }
  const share = Math.max(fewest, Math.ceil(length / threads / line) * line);
  const stretches: [number, number][] = [];
  for (let from = 0; from < length; from += share) {
    stretches.push([from, Math.min(share, length - from)]);
  }
  return stretches;
}
