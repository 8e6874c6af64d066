import { statSync } from "node:fs";
import path from "node:path";

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

interface Kept {
  readonly stamp: string;
  readonly facts: RunFacts;
}

/** Reads manifests again only when they have changed. */
export class RunFactsReader {
  readonly #kept = new Map<string, Kept>();

  /** @param folder absolute */
  read(folder: string): RunFacts {
    const stamp = stampOf(folder);
    const kept = this.#kept.get(folder);
    if (kept?.stamp === stamp) return kept.facts;
    const facts = factsOf(readRunManifest(folder));
    this.#kept.set(folder, { stamp, facts });
    return facts;
  }

  /** Of all runs, by key. */
  readAll(index: RunIndex): Map<string, RunFacts> {
    return new Map(index.runs().map(({ key }) => [key, this.read(index.folderOf(key)!)]));
  }
}

function stampOf(folder: string): string {
  const stat = statSync(path.join(folder, "manifest.json"), { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : "";
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
