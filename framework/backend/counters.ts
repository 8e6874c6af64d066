import type { DeviceReport } from "../runtime/device.ts";

/** What a backend has done since it was made. */
export interface EngineReport {
  /** Threads of ONNX Runtime's pool, the calling one included. */
  threads: number;
  sessions: {
    /** Graphs compiled so far. */
    built: number;
    /** Runs of a graph that was compiled before. */
    reused: number;
    /** Compiled graphs held now. */
    live: number;
  };
  /** Runs of compiled functions' graphs, and how long they took from the call to its answer. */
  runs: { count: number; milliseconds: number };
  /** How often each kernel was recorded by its lowering. */
  lowered: Readonly<Record<string, number>>;
  /** How often each kernel ran on TF.js's CPU kernels for want of a lowering. */
  fallbacks: Readonly<Record<string, number>>;
  /** What compiled functions have on the device; undefined when they run on the CPU. */
  device: DeviceReport | undefined;
  /** ONNX operators of compiled functions that the device's provider left to the CPU. */
  operatorsOnCpu: Readonly<Record<string, number>>;
}

/** Counts by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** In alphabetical order. */
  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** What a backend counts as it goes. */
export class Counters {
  readonly lowered: Tally = new Tally();
  readonly fallbacks: Tally = new Tally();
  readonly operatorsOnCpu: Tally = new Tally();
  built = 0;
  reused = 0;
  disposed = 0;
  readonly #runs = { count: 0, milliseconds: 0 };

  /** Counts a run of a compiled function's graph. */
  async ran(run: () => Promise<void>): Promise<void> {
    await this.computed(run);
    this.#runs.count++;
  }

  /** Adds to the time of runs what is computed beside a graph. */
  async computed(run: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await run();
    this.#runs.milliseconds += performance.now() - start;
  }

  report(threads: number, device?: DeviceReport): EngineReport {
    return {
      threads,
      sessions: { built: this.built, reused: this.reused, live: this.built - this.disposed },
      runs: { ...this.#runs },
      lowered: this.lowered.toRecord(),
      fallbacks: this.fallbacks.toRecord(),
      device,
      operatorsOnCpu: this.operatorsOnCpu.toRecord(),
    };
  }
}
