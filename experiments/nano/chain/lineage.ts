import path from "node:path";

import { InputError, readRun, type RunManifest } from "seedbed";

/** A run that a model comes from, without anything of the machine it was made on. */
export interface Ancestor {
  readonly run: string;
  readonly name: string;
  /** SHA-256 of its spec with every default. */
  readonly spec: string;
  readonly seed: number;
  /** Of the program. */
  readonly commit: string | undefined;
  /** What names its data. */
  readonly data: Readonly<Record<string, string>>;
  /** Models that it began with or learnt from: their runs, places in these, and hashes. */
  readonly uses: readonly UsedModel[];
  /** SHA-256 of the models that it has made, by their names. */
  readonly made: Readonly<Record<string, string>>;
  /** What it ended with. */
  readonly summary: Readonly<Record<string, number>>;
}

export interface UsedModel {
  readonly as: string;
  readonly run: string;
  readonly path: string;
  readonly sha256: string;
}

/**
 * The run that a model's folder lies in and all that it comes from, the first run first.
 *
 * @throws {InputError} when a run is missing, or did not record where a model came from
 */
export function lineageOf(folder: string): Ancestor[] {
  const found = new Map<string, Ancestor>();
  collect(path.dirname(path.resolve(folder)), found);
  return [...found.values()];
}

function collect(folder: string, found: Map<string, Ancestor>): void {
  const { manifest } = readRun(folder);
  if (found.has(manifest.id)) return;
  const uses = (manifest.artifacts ?? [])
    .filter(({ direction, type }) => direction === "input" && type === "model")
    .map(({ name, path: place, sha256, from }) => {
      if (!from || sha256 === null) {
        throw new InputError(
          `Cannot tell where ${folder} comes from: expected its manifest to name the run that made ${name}, got none`,
        );
      }
      const parts = from.path.split("/").length;
      collect(path.resolve(place, ...Array.from({ length: parts }, () => "..")), found);
      return { as: name, run: from.run, path: from.path, sha256 };
    });
  found.set(manifest.id, ancestorOf(manifest, uses));
}

function ancestorOf(manifest: RunManifest, uses: readonly UsedModel[]): Ancestor {
  const made = (manifest.artifacts ?? []).flatMap(({ direction, type, name, sha256 }) =>
    direction === "output" && type === "model" && sha256 !== null ? [[name, sha256]] : [],
  );
  const numbers = Object.entries(manifest.summary).filter(([, value]) => typeof value === "number");
  return {
    run: manifest.id,
    name: manifest.name,
    spec: manifest.specSha256,
    seed: manifest.seed,
    commit: manifest.git?.commit,
    data: Object.fromEntries(
      Object.entries(manifest.data ?? {}).map(([name, { sha256 }]) => [name, sha256]),
    ),
    uses,
    made: Object.fromEntries(made),
    summary: Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])),
  };
}
