import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../../base/errors.ts";
import { decodeRecord, type WandbRecord, type WandbRunRecord } from "../proto.ts";
import { salvageTransactionLog } from "../transactionLog.ts";

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
  const { problems, isCut: _, ...offline } = salvageOfflineFolder(folder);
  if (problems.length === 0) return offline;
  throw new InputError(`Cannot read ${offline.file}: ${problems.join("; ")}`);
}

/** A folder of which something may be lost. */
export interface SalvagedFolder extends OfflineFolder {
  /** What is damaged, for a person. */
  problems: readonly string[];
  /** Whether the log ends in the middle of a record, as it does while it is written. */
  isCut: boolean;
}

/**
 * A folder as far as it can be read.
 *
 * @throws {InputError} when it is none of W&B's, or does not say whose run it is
 */
export function salvageOfflineFolder(folder: string): SalvagedFolder {
  const file = wandbLogIn(folder);
  if (!file) {
    throw new InputError(
      `Cannot read ${folder}: expected a folder of W&B's with run-….wandb, got none`,
    );
  }
  const log = salvageTransactionLog(file);
  const decoded = log.records.map(decodeQuietly);
  const records = decoded.filter((record) => typeof record === "object");
  const damaged = decoded.filter((record) => record === "damaged").length;
  const unknownRecords = decoded.length - records.length - damaged;
  const problems = [
    ...(log.damagedAt === undefined ? [] : [`wrong checksum at byte ${log.damagedAt}`]),
    ...(damaged === 0 ? [] : [`it is damaged: ${damaged} of its records are none`]),
  ];
  const said = records.find((record) => "run" in record)?.run;
  const run = said || problems.length === 0 ? said : runBefore(file);
  if (!run?.runId) {
    throw new InputError(
      `Cannot read ${file}: expected a run's record, got ${records.length} others`,
    );
  }
  return { folder, file, run, records, unknownRecords, problems, isCut: log.isCut };
}

/** What is known of a run whose record is lost: the id that its log is named after. */
function runBefore(file: string): WandbRunRecord {
  return {
    runId: /^run-(.+)\.wandb$/.exec(path.basename(file))?.[1] ?? "",
    project: "",
    config: { update: [] },
    startingStep: 0,
    startTime: { seconds: 0, nanos: 0 },
    resumed: false,
  };
}

/** Undefined for a record of a kind that is not known here. */
function decodeQuietly(bytes: Uint8Array): WandbRecord | "damaged" | undefined {
  try {
    return decodeRecord(bytes);
  } catch (error) {
    if (error instanceof RangeError) return "damaged";
    throw error;
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
