import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";
import { runOwner } from "../../runLock.ts";
import { manifestPath } from "../../runManifest.ts";
import { findRun } from "../../runStore.ts";
import { wandbLogIn } from "./offlineFolder.ts";

/**
 * The folders in W&B's format that someone means: one of them, its log, a run of ours by folder or
 * id, or a folder `wandb` of another program; in the order in which they were begun.
 *
 * @throws {InputError} when there is none
 */
export function findOfflineFolders(runsFolder: string, reference: string): string[] {
  const stat = statSync(reference, { throwIfNoEntry: false });
  if (stat?.isFile() && reference.endsWith(".wandb")) return [path.dirname(reference)];
  if (stat?.isDirectory() && wandbLogIn(reference)) return [reference];
  const isFolder = stat?.isDirectory() ?? false;
  const found = isFolder
    ? [...foldersIn(path.join(reference, "wandb")), ...foldersIn(reference)]
    : [];
  if (found.length > 0) return found;
  if (isFolder && !existsSync(manifestPath(reference))) {
    throw new InputError(
      `Cannot upload ${reference}: expected a run, or a folder offline-run-… in W&B's format, got another folder`,
    );
  }
  const run = isFolder ? reference : findRun(runsFolder, reference);
  const own = foldersIn(path.join(run, "wandb"));
  if (own.length > 0) return own;
  throw new InputError(
    `Cannot upload ${run}: it has nothing for W&B; was it run with loggers.wandb: false`,
  );
}

function foldersIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith("offline-run-"))
    .toSorted()
    .map((name) => path.join(parent, name))
    .filter((folder) => wandbLogIn(folder));
}

/** Whether a process of ours writes the folder: the newest of a run that somebody holds. */
export function isBeingWritten(folder: string): boolean {
  const wandb = path.dirname(path.resolve(folder));
  const manifest = manifestPath(path.dirname(wandb));
  if (!existsSync(manifest) || !runOwner(path.dirname(manifest), manifest)) return false;
  return foldersIn(wandb).at(-1) === path.resolve(folder);
}
