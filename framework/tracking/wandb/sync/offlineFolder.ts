import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";
import { decodeRecord, type WandbRecord, type WandbRunRecord } from "../proto.ts";
import { readTransactionLog } from "../transactionLog.ts";

/** A folder in W&B's format, of ours or of W&B's own programs. */
export interface OfflineFolder {
  folder: string;
  /** The transaction log. */
  file: string;
  run: WandbRunRecord;
  /** In the order they were written. */
  records: readonly WandbRecord[];
  /** Records of kinds that are not known here. */
  unknownRecords: number;
}

/**
 * @throws {InputError} when the folder is none of W&B's, or its log is damaged before its end; a
 *   tail that a killed process left unfinished is no damage
 */
export function readOfflineFolder(folder: string): OfflineFolder {
  const file = wandbLogIn(folder);
  if (!file) {
    throw new InputError(
      `Cannot read ${folder}: expected a folder of W&B's with run-….wandb, got none`,
    );
  }
  const decoded = decodeLog(file);
  const records = decoded.filter((record) => record !== undefined);
  for (const record of records) {
    if (!("run" in record)) continue;
    if (!record.run.runId) break;
    return {
      folder,
      file,
      run: record.run,
      records,
      unknownRecords: decoded.length - records.length,
    };
  }
  throw new InputError(
    `Cannot read ${file}: expected a run's record, got ${records.length} others`,
  );
}

function decodeLog(file: string): (WandbRecord | undefined)[] {
  try {
    return readTransactionLog(file).map(decodeRecord);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`Cannot read ${file}: it is damaged: ${error.message}`, { cause: error });
  }
}

/** The log in a folder; undefined when it has none. */
export function wandbLogIn(folder: string): string | undefined {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const name = readdirSync(folder)
    .filter((each) => /^run-.+\.wandb$/.test(each))
    .toSorted()[0];
  return name && path.join(folder, name);
}

/** Whether W&B's own uploader, or ours, has said that the folder is at W&B. */
export function isSynced(file: string): boolean {
  return existsSync(`${file}.synced`);
}

/** Folders beside this one of the same run that were begun before it, oldest first. */
export function earlierFolders({ folder, file }: OfflineFolder): string[] {
  const own = path.basename(path.resolve(folder));
  const parent = path.dirname(path.resolve(folder));
  return readdirSync(parent)
    .filter((name) => name < own && existsSync(path.join(parent, name, path.basename(file))))
    .toSorted()
    .map((name) => path.join(parent, name));
}
