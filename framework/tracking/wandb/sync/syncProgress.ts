import { existsSync, readFileSync } from "node:fs";

import { writeFileAtomic } from "../../../base/atomicFile.ts";
import { parseJson } from "../../../base/json.ts";
import { isRecord } from "../../parameters.ts";

/** Kinds of lines in a run's stream, by the server's names. */
export const streamFiles = {
  history: "wandb-history.jsonl",
  events: "wandb-events.jsonl",
  output: "output.log",
} as const;

export type StreamKind = keyof typeof streamFiles;

/** What the server has of a folder, so that an upload that was cut short goes on where it was. */
export interface SyncProgress {
  /** Server, entity, project and run that it was sent to. */
  readonly destination: string;
  /** Line of the run at which the folder's first line of each kind stands. */
  readonly offsets: Readonly<Record<StreamKind, number>>;
  /** Lines of the folder that the server has confirmed. */
  readonly sent: Readonly<Record<StreamKind, number>>;
  readonly files: readonly string[];
}

/** Beside the log; `.synced`, which W&B's own uploader knows too, takes its place at the end. */
export function progressPath(file: string): string {
  return `${file}.uploading.json`;
}

/** Undefined when there is none, when it cannot be read, or when it is about another destination. */
export function readSyncProgress(file: string, destination: string): SyncProgress | undefined {
  const place = progressPath(file);
  if (!existsSync(place)) return undefined;
  const value = parseJson(readFileSync(place, "utf8"));
  return isProgress(value) && value.destination === destination ? value : undefined;
}

export function writeSyncProgress(file: string, progress: SyncProgress): void {
  writeFileAtomic(progressPath(file), `${JSON.stringify(progress)}\n`);
}

function isProgress(value: unknown): value is SyncProgress {
  if (!isRecord(value) || typeof value["destination"] !== "string") return false;
  const { offsets, sent, files } = value;
  return isCounts(offsets) && isCounts(sent) && Array.isArray(files);
}

function isCounts(value: unknown): boolean {
  return isRecord(value) && Object.keys(streamFiles).every((kind) => Number.isInteger(value[kind]));
}
