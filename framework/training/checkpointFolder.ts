/** @file The folder of a run's checkpoints: their names, the pointers `best` and `last`, removal. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { verifyCheckpoint } from "./checkpoint.ts";

export type PointerName = "best" | "last";

/** What `best.json` and `last.json` hold: small files, so that they work on every file system. */
export interface CheckpointPointer {
  /** Name of a folder beside the pointer. */
  readonly checkpoint: string;
  readonly step: number;
  /** Of `best`: the metric that decided, and its value as text (it may be infinite). */
  readonly monitor?: string;
  readonly score?: string;
}

const interruptedSuffix = "-interrupted";
const namePattern = /^step-(\d+)(-interrupted)?$/;

/**
 * @param interrupted whether the step's validation and epoch hooks are still to be done; such a
 *   checkpoint never stands in the way of the step's own
 */
export function checkpointName(step: number, interrupted = false): string {
  return `step-${String(step).padStart(7, "0")}${interrupted ? interruptedSuffix : ""}`;
}

export const isInterruptedName = (name: string): boolean => name.endsWith(interruptedSuffix);

/** Writes a pointer; the checkpoint it names must be durable. */
export function writePointer(folder: string, name: PointerName, pointer: CheckpointPointer): void {
  writeFileAtomic(pointerFile(folder, name), `${JSON.stringify(pointer, null, 2)}\n`);
}

/** Undefined when there is no such pointer, or it cannot be read. */
export function readPointer(folder: string, name: PointerName): CheckpointPointer | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(pointerFile(folder, name), "utf8"));
    return isPointer(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const pointerFile = (folder: string, name: PointerName): string =>
  path.join(folder, `${name}.json`);

function isPointer(value: unknown): value is CheckpointPointer {
  if (typeof value !== "object" || value === null) return false;
  if (!("checkpoint" in value) || !("step" in value)) return false;
  return typeof value.checkpoint === "string" && namePattern.test(value.checkpoint);
}

/** Names of all checkpoints, the newest first. */
export function listCheckpoints(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => namePattern.test(name))
    .toSorted((a, b) => stepOf(b) - stepOf(a) || (a < b ? -1 : 1));
}

const stepOf = (name: string): number => Number(namePattern.exec(name)?.[1]);

/**
 * The checkpoint that a pointer names, as a path.
 *
 * @throws {InputError} when there is none
 */
export function pointedCheckpoint(folder: string, name: PointerName): string {
  const pointer = readPointer(folder, name);
  if (pointer) return path.join(folder, pointer.checkpoint);
  throw new InputError(`Cannot find the ${name} checkpoint: no ${pointerFile(folder, name)}`);
}

/**
 * The checkpoint to resume from: the last one, or the newest intact one when that is damaged.
 *
 * @param warn is told of every checkpoint that is passed over
 * @returns a path; undefined when nothing was saved yet
 * @throws {InputError} when there are checkpoints, but none is intact
 */
export function findLastCheckpoint(
  folder: string,
  warn: (line: string) => void = console.warn,
): string | undefined {
  const last = readPointer(folder, "last")?.checkpoint;
  const names = listCheckpoints(folder);
  const candidates = last === undefined ? names : [last, ...names.filter((name) => name !== last)];
  for (const name of candidates) {
    const checkpoint = path.join(folder, name);
    try {
      verifyCheckpoint(checkpoint);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      warn(`${error.message}; trying an older one`);
    }
  }
  if (candidates.length === 0) return undefined;
  throw new InputError(`Cannot resume from ${folder}: none of its checkpoints is intact`);
}

/** Removes a checkpoint of this folder; a name that is no checkpoint's is refused. */
export function removeCheckpointFolder(folder: string, name: string): void {
  if (!namePattern.test(name)) {
    throw new RangeError(
      `Cannot remove checkpoint "${name}": expected a name such as step-0000100`,
    );
  }
  rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** Removes what a killed process left half written. The run must not be in use. */
export function removeUnfinished(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (/^\.step-.*\.tmp$/.test(name)) rmSync(path.join(folder, name), { recursive: true });
  }
}
