import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { hashFiles } from "../base/hashFiles.ts";
import type { RunArtifact } from "./runArtifact.ts";
import { readManifest } from "./runManifest.ts";

export interface ArtifactOptions {
  name: string;
  type: string;
  /** A file or folder. */
  path: string;
  direction?: RunArtifact["direction"];
  step?: number;
  /** Of its content, as `hashArtifact` says, where it is known. */
  sha256?: string;
  bytes?: number;
}

/**
 * An artifact as the manifest of a run has it: below the run's folder its path is relative to that,
 * and what lies in another run's folder is known to come from there.
 */
export function describeArtifact(
  folder: string,
  { name, type, path: place, direction = "output", step, sha256, bytes }: ArtifactOptions,
): RunArtifact {
  const inside = relativeTo(folder, place);
  const producer = inside === undefined ? findProducer(place) : undefined;
  return {
    name,
    type,
    path: inside ?? path.resolve(place),
    sha256: sha256 ?? null,
    bytes: bytes ?? null,
    step: step ?? null,
    direction,
    ...(producer && { from: producer }),
  };
}

/** A run's artifacts with one more, in the place of another of that direction and name. */
export function addArtifact(
  artifacts: readonly RunArtifact[] = [],
  added: RunArtifact,
): RunArtifact[] {
  const isOther = ({ name, direction }: RunArtifact): boolean =>
    name !== added.name || direction !== added.direction;
  return [...artifacts.filter(isOther), added];
}

/** Where an artifact of a run is. */
export function artifactPlace(folder: string, { path: place }: RunArtifact): string {
  return path.resolve(folder, place);
}

/** With forward slashes; undefined for what is not below the folder. */
function relativeTo(folder: string, place: string): string | undefined {
  const relative = path.relative(path.resolve(folder), path.resolve(place));
  if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).join("/");
}

/** The run below whose folder a path lies, by the manifest above it. */
function findProducer(place: string): RunArtifact["from"] {
  for (let folder = path.resolve(place); ; folder = path.dirname(folder)) {
    const run = runIn(folder);
    if (run !== undefined) return { run, path: relativeTo(folder, place) ?? "." };
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** The id of the run whose folder it is. */
function runIn(folder: string): string | undefined {
  try {
    return readManifest(folder).id;
  } catch {
    return undefined;
  }
}

/** What an artifact holds. */
export interface ArtifactContent {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The hash of a file, or of a folder: that of what `sha256sum` prints for its files, by their paths
 * in it, sorted.
 *
 * @returns undefined where there is nothing
 */
export function hashArtifact(place: string): ArtifactContent | undefined {
  if (!existsSync(place)) return undefined;
  const stat = statSync(place);
  if (!stat.isDirectory()) return { sha256: hashFiles([place]), bytes: stat.size };
  const names = filesBelow(place);
  const hash = createHash("sha256");
  let bytes = 0;
  for (const name of names) {
    const file = path.join(place, name);
    hash.update(`${hashFiles([file])}  ${name}\n`);
    bytes += statSync(file).size;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** With forward slashes, in the order of their bytes. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile())
    .map((name) => name.split(path.sep).join("/"))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
