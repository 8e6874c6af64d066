import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { journalVariable } from "./journalAddress.ts";

/** What ties a sweep's folder to a journal in a database. It says nothing of where that is. */
export interface Attachment {
  /** Of the sweep, in its database. */
  readonly sweep: string;
  /** Of the folder: processes that see the same runs have the same one. */
  readonly place: string;
}

const fileOf = (folder: string): string => path.join(folder, "sweep.journal.json");

/** @throws {InputError} when the file is damaged */
export function readAttachment(folder: string): Attachment | undefined {
  const file = fileOf(folder);
  if (!existsSync(file)) return undefined;
  const value = parseJson(readFileSync(file, "utf8"));
  if (isRecord(value)) {
    const { sweep, place } = value;
    if (typeof sweep === "string" && typeof place === "string") return { sweep, place };
  }
  throw new InputError(`Cannot read ${file}: expected the keys of a journal in a database`);
}

export function writeAttachment(folder: string, attachment: Attachment): void {
  writeFileAtomic(fileOf(folder), `${JSON.stringify(attachment, null, 2)}\n`);
}

/** @throws {InputError} when the journal of a sweep is in a database, which was not given */
export function checkNotAttached(folder: string): void {
  if (!readAttachment(folder)) return;
  throw new InputError(
    `Cannot go on with the sweep in ${folder}: its journal is in a database; give that with --journal or ${journalVariable}`,
  );
}
