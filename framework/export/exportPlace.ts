import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";

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
  const expected = isFile ? "a file" : "an empty folder or a pipeline's, with model_index.json,";
  throw new InputError(`Cannot replace ${out}: expected ${expected} got something else`);
}

function mayGo(folder: string): boolean {
  return existsSync(path.join(folder, "model_index.json")) || readdirSync(folder).length === 0;
}
