import { Session, type Profiler } from "node:inspector";
import { pathToFileURL } from "node:url";

/**
 * Which blocks of some sources have run, as V8 counts them. What has been loaded before it was
 * started is counted by functions alone.
 */
export class BlockCoverage {
  readonly #session = new Session();
  #prefixes: readonly string[] = [];
  /** Characters of each script that have run. */
  readonly #covered = new Map<string, Uint8Array>();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Begins anew, for other sources. @param prefixes of paths below the project */
  watch(root: string, prefixes: readonly string[]): void {
    const base = pathToFileURL(`${root}/`).href;
    this.#prefixes = prefixes.map((prefix) => base + prefix);
    this.#covered.clear();
  }

  /** Places that have run since the last call, and not before. */
  look(): FreshPlaces {
    const fresh: FreshPlaces = new Map();
    for (const [url, ran] of this.#take()) {
      const known = this.#covered.get(url) ?? new Uint8Array(ran.length);
      this.#covered.set(url, known);
      const places = new Set<number>();
      for (let at = 0; at < ran.length; at++) {
        if (ran[at] === 1 && known[at] === 0) places.add(at);
      }
      for (const at of places) known[at] = 1;
      if (places.size > 0) fresh.set(url, places);
    }
    return fresh;
  }

  /** Whether one of some places has run since the last call; those that have are taken out. */
  takeFrom(fresh: FreshPlaces, { keep = false }: { keep?: boolean } = {}): boolean {
    let isHit = false;
    for (const [url, ran] of this.#take()) {
      const places = fresh.get(url);
      for (const at of places ?? []) {
        if (ran[at] !== 1) continue;
        isHit = true;
        if (keep) break;
        places!.delete(at);
      }
      if (places?.size === 0) fresh.delete(url);
    }
    return isHit;
  }

  /** Characters of the sources that have run. */
  get size(): number {
    let size = 0;
    for (const covered of this.#covered.values()) for (const one of covered) size += one;
    return size;
  }

  /** Of each script which characters have run since the last call. */
  #take(): [url: string, ran: Uint8Array][] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error) throw error;
      scripts = answer.result;
    });
    return scripts.flatMap(({ url, functions }): [string, Uint8Array][] => {
      const isWatched = this.#prefixes.some((prefix) => url.startsWith(prefix));
      const hasRun = isWatched && functions.some(({ ranges }) => ranges[0]!.count > 0);
      return hasRun ? [[url, ranIn(functions)]] : [];
    });
  }
}

/** By script. */
export type FreshPlaces = Map<string, Set<number>>;

/** Inner ranges come behind outer ones, and say what is so of their part. */
function ranIn(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ran = new Uint8Array(Math.max(...functions.map(({ ranges }) => ranges[0]!.endOffset)));
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
  }
  return ran;
}
