import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { readRecords, type MetricsRecord, type RunRecord } from "./metricsFile.ts";
import { runOwner } from "./runLock.ts";
import { manifestPath, readManifest, type RunManifest, type RunStatus } from "./runManifest.ts";
import { readRunSpec, type RunSpec } from "./runSpec.ts";

/** A run as its manifest describes it. */
export interface ListedRun {
  folder: string;
  manifest: RunManifest;
  /** As the manifest says, but `interrupted` for a run whose process was killed. */
  status: RunStatus;
}

/** All that a run has left. */
export interface StoredRun extends ListedRun, RunSpec {
  /** Everything logged, in order. */
  records: readonly RunRecord[];
  /** The scalars among the records. */
  metrics: readonly MetricsRecord[];
}

export interface ListRunsOptions {
  /** Told of each folder that has a manifest but cannot be read; such folders are left out. */
  onUnreadable?: (error: InputError) => void;
}

/** Levels below the root at which a run may lie: `<name>/<id>`, and one more for sweeps. */
const maxDepth = 3;

/** Runs below a folder, oldest first; those of the same moment by folder. */
export function listRuns(
  root: string,
  { onUnreadable = () => {} }: ListRunsOptions = {},
): ListedRun[] {
  const runs: ListedRun[] = [];
  for (const folder of findRunFolders(root, maxDepth)) {
    try {
      runs.push(readListedRun(folder));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onUnreadable(error);
    }
  }
  return runs.sort(
    (a, b) => compare(a.manifest.startedAt, b.manifest.startedAt) || compare(a.folder, b.folder),
  );
}

/** @throws {InputError} when the folder is no run's or its files are damaged */
export function readRun(folder: string): StoredRun {
  const listed = readListedRun(folder);
  const spec = readRunSpec(folder);
  const records = readRecords(folder);
  const metrics = records.filter((record) => record.kind === "metrics");
  return { ...listed, ...spec, records, metrics };
}

/**
 * The folder of a run that someone names by its path, its id or the beginning of its id.
 *
 * @throws {InputError} when no run, or more than one, is meant
 */
export function findRun(root: string, reference: string): string {
  if (existsSync(manifestPath(reference))) return reference;
  const runs = listRuns(root);
  const meant = runs.filter(
    ({ manifest }) => reference !== "" && manifest.id.startsWith(reference),
  );
  if (meant.length === 1) return meant[0]!.folder;
  const found = meant.length === 0 ? "no such run" : meant.map(({ folder }) => folder).join(", ");
  throw new InputError(
    `Cannot find run ${JSON.stringify(reference)}: expected a run's folder, or an id of one run below ${root}, got ${found}`,
  );
}

/** @throws {InputError} when the folder is no run's */
export function readListedRun(folder: string): ListedRun {
  const manifest = readManifest(folder);
  const isKilled = manifest.status === "running" && !runOwner(folder, manifestPath(folder));
  return { folder, manifest, status: isKilled ? "interrupted" : manifest.status };
}

function findRunFolders(folder: string, depth: number): string[] {
  if (existsSync(manifestPath(folder))) return [folder];
  if (depth === 0 || !existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith("."), // such as the trash
  );
  const names = children.map(({ name }) => name).sort();
  return names.flatMap((name) => findRunFolders(path.join(folder, name), depth - 1));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
