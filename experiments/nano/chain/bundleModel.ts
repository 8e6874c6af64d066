import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { InputError, isQuantizedFolder, quantizedFiles, writeFileAtomic } from "seedbed";

import { processorFiles } from "../modelFolders.ts";
import { openChainModel } from "./chainModels.ts";
import { lineageOf } from "./lineage.ts";

export interface BundleOptions {
  /** A folder with a model in codes, or `run:NAME` with a path. */
  readonly model: string;
  /** Folder of all runs. */
  readonly runs: string;
  readonly out: string;
}

/** Most bytes of a model that is committed. */
const mostBytes = 12e6;

const otherFiles = [...processorFiles, "tokenizer.json", "tokenizer_config.json"];

/**
 * Copies a model in codes, and writes `lineage.json`: all runs that it comes from.
 *
 * @throws {InputError} when there is none, runs that it comes from are missing, or it is too large
 */
export function bundleModel({ model, runs, out }: BundleOptions): { bytes: number } {
  const { folder, sha256 } = openChainModel("bundled", model, runs);
  if (!isQuantizedFolder(folder)) {
    throw new InputError(
      `Cannot bundle ${folder}: expected a model in codes, got a folder without quantization.json`,
    );
  }
  const names = [...quantizedFiles, ...otherFiles].filter((name) =>
    existsSync(path.join(folder, name)),
  );
  const bytes = names.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  if (bytes > mostBytes) {
    throw new InputError(
      `Cannot bundle ${folder}: expected at most ${mostBytes / 1e6} MB, got ${(bytes / 1e6).toFixed(1)}`,
    );
  }
  const lineage = { sha256, runs: lineageOf(folder) };
  for (const name of [...quantizedFiles, ...otherFiles]) {
    if (!names.includes(name)) rmSync(path.join(out, name), { force: true }); // of another model
  }
  for (const name of names) {
    writeFileAtomic(path.join(out, name), readFileSync(path.join(folder, name)));
  }
  writeFileAtomic(path.join(out, "lineage.json"), `${JSON.stringify(lineage, undefined, 1)}\n`);
  return { bytes };
}
