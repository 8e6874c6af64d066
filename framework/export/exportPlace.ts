import { readdirSync, statSync } from "node:fs";

import { InputError } from "../base/errors.ts";
import { adapterFiles } from "./exportAdapters.ts";

/**
 * Refuses a place where something is that an export would replace.
 *
 * @param force replace an earlier export all the same; whatever is something else stays
 * @throws {InputError} saying what is there
 */
export function checkExportPlace(
  out: string,
  { isFile, force }: { isFile: boolean; force: boolean },
): void {
  const found = statSync(out, { throwIfNoEntry: false });
  if (!found) return;
  if (!force) {
    throw new InputError(`Cannot export to ${out}: it exists; give another place, or --force`);
  }
  if (isFile ? found.isFile() : found.isDirectory() && mayGo(out)) return;
  const expected = isFile
    ? "a file"
    : "an empty folder, a pipeline's, with model_index.json, or one of adapters";
  throw new InputError(`Cannot replace ${out}: expected ${expected} got something else`);
}

function mayGo(folder: string): boolean {
  const known = Object.values<string>(adapterFiles);
  const names = readdirSync(folder);
  return names.includes("model_index.json") || names.every((name) => known.includes(name));
}
