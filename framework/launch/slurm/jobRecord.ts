import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";

/** What a task's folder says of the job that was asked for it. */
export interface JobRecord {
  /** How often a job was asked for. */
  readonly submission: number;
  /** The job's comment, by which it is found when nobody has noted its id. */
  readonly comment: string;
  /** Of a job in an array. */
  readonly index?: number;
  /** `12`, or `12_3` in an array; absent before Slurm has told. */
  readonly job?: string;
  /** Jobs since the sweep has asked for the task that were lost to preemption or a node's failure. */
  readonly lost: number;
}

const fileOf = (folder: string): string => path.join(folder, "slurm.json");

export function writeJobRecord(folder: string, record: JobRecord): void {
  writeFileAtomic(fileOf(folder), `${JSON.stringify(record)}\n`);
}

/** @throws {InputError} when there is one that cannot be read */
export function readJobRecord(folder: string): JobRecord | undefined {
  const file = fileOf(folder);
  if (!existsSync(file)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isJobRecord(value)) return value;
  } catch (cause) {
    throw new InputError(`Cannot read ${file}: expected the record of a job`, { cause });
  }
  throw new InputError(`Cannot read ${file}: expected the record of a job`);
}

function isJobRecord(value: unknown): value is JobRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    "submission" in value &&
    typeof value.submission === "number" &&
    "comment" in value &&
    typeof value.comment === "string" &&
    "lost" in value &&
    typeof value.lost === "number" &&
    (!("job" in value) || typeof value.job === "string") &&
    (!("index" in value) || typeof value.index === "number")
  );
}
