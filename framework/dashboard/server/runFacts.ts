import type { IndexedRun } from "../../store/indexedRun.ts";
import { pauseAfter } from "../../store/pause.ts";
import type { RunIndex } from "../../store/runIndex.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { readRunManifest } from "./readRunFile.ts";

/** Something that a run made or used. */
export interface RunArtifact {
  readonly name: string;
  readonly direction: "input" | "output";
  readonly sha256: string;
  /** Id of the run that made what was used, where that is known. */
  readonly from: string | undefined;
}

/** What a manifest says and the index does not keep. */
export interface RunFacts {
  readonly artifacts: readonly RunArtifact[];
  /** Dotted names of what the run's sweep has set. */
  readonly sweepParameters: readonly string[];
}

/** Reads manifests again only when the index has found them changed. */
export class RunFactsReader {
  readonly #index: RunIndex;
  readonly #kept = new WeakMap<IndexedRun, RunFacts>();

  constructor(index: RunIndex) {
    this.#index = index;
  }

  read(run: IndexedRun): RunFacts {
    const kept = this.#kept.get(run);
    if (kept) return kept;
    const folder = this.#index.folderOf(run.key);
    const facts = factsOf(folder === undefined ? {} : readRunManifest(folder));
    this.#kept.set(run, facts);
    return facts;
  }

  /** Of all runs, by key. Others are served meanwhile. */
  async readAll(): Promise<Map<string, RunFacts>> {
    const pause = pauseAfter();
    const facts = new Map<string, RunFacts>();
    for (const run of this.#index.runs()) {
      await pause();
      facts.set(run.key, this.read(run));
    }
    return facts;
  }
}

function factsOf({ artifacts, sweep }: Record<string, unknown>): RunFacts {
  const parameters = isRecord(sweep) ? sweep["parameters"] : undefined;
  return {
    artifacts: Array.isArray(artifacts) ? artifacts.filter(isRecord).flatMap(toArtifact) : [],
    sweepParameters: isRecord(parameters) ? Object.keys(parameters) : [],
  };
}

function toArtifact({ name, direction, sha256, from }: Record<string, unknown>): RunArtifact[] {
  const run = isRecord(from) ? from["run"] : undefined;
  if (typeof name !== "string" || (direction !== "input" && direction !== "output")) return [];
  return [
    {
      name,
      direction,
      sha256: typeof sha256 === "string" ? sha256 : "",
      from: typeof run === "string" ? run : undefined,
    },
  ];
}
