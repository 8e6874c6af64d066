import { existsSync, mkdirSync, renameSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { lockRun } from "./runLock.ts";
import { manifestPath, readManifest } from "./runManifest.ts";
import { findRun } from "./runStore.ts";

const trashName = ".trash";

/**
 * Moves a run to `<root>/.trash/`, where its path is the same as it was below the root.
 *
 * @returns its new folder
 * @throws {InputError} when it is no run below the root, or a process is at work on it
 */
export function trashRun(root: string, folder: string): string {
  readManifest(folder);
  const place = path.relative(root, folder);
  if (place === "" || place.startsWith("..") || path.isAbsolute(place)) {
    throw new InputError(
      `Cannot delete run ${folder}: expected one below ${root}; name the folder of its runs with --runs`,
    );
  }
  lockRun(folder, manifestPath(folder))(); // throws where a process holds it
  const target = freeFolder(path.join(root, trashName, place));
  mkdirSync(path.dirname(target), { recursive: true });
  renameSync(folder, target);
  return target;
}

/**
 * Brings a run back from the trash to where it was.
 *
 * @param reference its id, the beginning of that, or its folder in the trash
 * @returns its folder
 * @throws {InputError} when there is no such run in the trash, or one in its old place
 */
export function restoreRun(root: string, reference: string): string {
  const trash = path.join(root, trashName);
  const folder = findRun(trash, reference);
  const place = path.relative(trash, folder);
  if (place.startsWith("..") || path.isAbsolute(place)) {
    throw new InputError(`Cannot restore run ${folder}: expected one below ${trash}`);
  }
  const target = path.join(root, place.replace(/~\d+$/, ""));
  if (existsSync(target)) {
    throw new InputError(`Cannot restore run ${folder}: there is another one at ${target}`);
  }
  mkdirSync(path.dirname(target), { recursive: true });
  renameSync(folder, target);
  return target;
}

/** A run that was deleted, made again and deleted again is there twice. */
function freeFolder(folder: string): string {
  if (!existsSync(folder)) return folder;
  for (let n = 2; ; n++) {
    const name = `${folder}~${n}`;
    if (!existsSync(name)) return name;
  }
}
