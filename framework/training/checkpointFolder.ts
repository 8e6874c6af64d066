/** @file The folder of a run's checkpoints: their names, the pointers `best` and `last`, removal. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { contentFile, readCheckpointContent, verifyCheckpoint } from "./checkpoint.ts";

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

const suffixes = { interrupted: "-interrupted", weights: "-weights", start: "-start" } as const;
const namePattern = /^step-(\d+)(-interrupted|-weights|-start)?$/;

/**
 * The name of a checkpoint that was given none.
 *
 * @param kind `interrupted`: saved because training ended unexpectedly; such a checkpoint never
 *   stands in the way of the step's own, and is removed after the next one. `start`: what a fit
 *   begins with, to go back to, until there is another
 */
export function checkpointName(step: number, kind?: keyof typeof suffixes): string {
  return `step-${String(step).padStart(7, "0")}${kind ? suffixes[kind] : ""}`;
}

/** Whether a checkpoint has done its duty when another one is there. */
export function isPassingName(name: string): boolean {
  const suffix = namePattern.exec(name)?.[2];
  return suffix === suffixes.interrupted || suffix === suffixes.start;
}

/** Whether a checkpoint can have this name: that of a visible folder, without a path. */
const isFolderName = (name: string): boolean => /^[^./\\][^/\\]*$/.test(name);

/** The name of a checkpoint that lies in this folder; undefined for one elsewhere. */
export function checkpointNameIn(
  folder: string | undefined,
  checkpoint: string | undefined,
): string | undefined {
  if (folder === undefined || checkpoint === undefined) return undefined;
  const isHere = path.resolve(path.dirname(checkpoint)) === path.resolve(folder);
  return isHere ? path.basename(checkpoint) : undefined;
}

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
  return typeof value.checkpoint === "string" && isFolderName(value.checkpoint);
}

/** What can be told of a checkpoint without its tensors. */
interface Listed {
  readonly name: string;
  /** -1: not known, since the checkpoint is damaged. */
  readonly step: number;
  readonly settled: boolean;
  readonly weightsOnly: boolean;
}

const nameOf = ({ name }: Listed): string => name;

/** Names of all checkpoints, the newest first, whatever they are called. */
export function listCheckpoints(folder: string): string[] {
  return list(folder).map(nameOf);
}

function list(folder: string): Listed[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => describe(folder, name))
    .filter((listed) => listed !== undefined)
    .toSorted(byAge);
}

function byAge(a: Listed, b: Listed): number {
  return b.step - a.step || Number(b.settled) - Number(a.settled) || (a.name < b.name ? -1 : 1);
}

/** Undefined when it is no checkpoint. */
function describe(folder: string, name: string): Listed | undefined {
  if (!isFolderName(name) || !existsSync(path.join(folder, name))) return undefined;
  try {
    const { progress, weightsOnly = false } = readCheckpointContent(path.join(folder, name));
    return { name, step: progress.step, settled: progress.settled, weightsOnly };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [, digits] = namePattern.exec(name) ?? [];
    if (digits === undefined && !existsSync(path.join(folder, name, contentFile))) return undefined;
    return { name, step: Number(digits ?? -1), settled: false, weightsOnly: false };
  }
}

/** The step of a checkpoint; undefined when there is none of that name. */
export const checkpointStep = (folder: string, name: string): number | undefined =>
  describe(folder, name)?.step;

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
 * @returns a path; undefined when nothing was saved yet that training can be resumed from
 * @throws {InputError} when there are checkpoints, but none is intact
 */
export function findLastCheckpoint(
  folder: string,
  warn: (line: string) => void = console.warn,
): string | undefined {
  undoReplacing(folder);
  const listed = list(folder);
  const pointed = readPointer(folder, "last")?.checkpoint;
  const names = new Set([...(pointed === undefined ? [] : [pointed]), ...listed.map(nameOf)]);
  for (const { name, weightsOnly } of listed) if (weightsOnly) names.delete(name);
  const candidates = [...names];
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

/**
 * Removes a checkpoint of this folder, if it is there; whatever is not one is refused. Who is killed
 * meanwhile leaves no half of one: its name goes first.
 */
export function removeCheckpointFolder(folder: string, name: string): void {
  const isThere = existsSync(path.join(folder, name));
  if (!isFolderName(name) || (isThere && describe(folder, name) === undefined)) {
    throw new RangeError(
      `Cannot remove checkpoint "${name}": expected the name of a checkpoint in ${folder}`,
    );
  }
  if (!isThere) return;
  const hidden = path.join(folder, `.${name}.${process.pid}.tmp`);
  rmSync(hidden, { recursive: true, force: true });
  renameSync(path.join(folder, name), hidden);
  rmSync(hidden, { recursive: true, force: true });
}

/** Removes a checkpoint even if it is the last: `last.json` then names the newest that is left. */
export function discardCheckpoint(folder: string, name: string): void {
  removeCheckpointFolder(folder, name);
  if (readPointer(folder, "last")?.checkpoint !== name) return;
  const newest = list(folder).find(({ weightsOnly }) => !weightsOnly);
  if (newest) writePointer(folder, "last", { checkpoint: newest.name, step: newest.step });
  else rmSync(pointerFile(folder, "last"));
}

/** Removes what a killed process left half written. The run must not be in use. */
export function removeUnfinished(folder: string): void {
  if (!existsSync(folder)) return;
  undoReplacing(folder);
  for (const name of readdirSync(folder)) {
    if (/^\..+\.\d+\.tmp(?:\.old\.tmp)?$/.test(name)) {
      rmSync(path.join(folder, name), { recursive: true });
    }
  }
}

/** A process that was killed while it put one checkpoint in the place of another left neither. */
function undoReplacing(folder: string): void {
  if (!existsSync(folder)) return;
  for (const old of readdirSync(folder)) {
    const [, name] = /^\.(.+)\.\d+\.tmp\.old\.tmp$/.exec(old) ?? [];
    if (name === undefined || existsSync(path.join(folder, name))) continue;
    renameSync(path.join(folder, old), path.join(folder, name));
  }
}
