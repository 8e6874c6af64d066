import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { fileStamp } from "./fileStamp.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";
import type { PointListener } from "./pointReader.ts";
import {
  readSession,
  readTensorBoardEvents,
  type TensorBoardRecord,
  type TensorBoardSession,
} from "./tensorBoardEvents.ts";

/** Folders with TensorBoard's event files, of any writer. */
export const tensorBoardFormat: ForeignFormat = {
  stamp: (folder) => eventFiles(folder).map(fileStamp).join(),
  read: readRun,
};

/** In the order in which TensorBoard reads them. */
function eventFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.includes("tfevents"));
    return names.toSorted().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function readRun(folder: string): ForeignRun {
  const files = eventFiles(folder);
  if (files.length === 0)
    throw new InputError(`Cannot read ${folder}: expected TensorBoard's event files, got none`);
  const starts: { event: number; step: number }[] = [];
  let session: TensorBoardSession = {};
  let startSeconds = NaN;
  let event = 0;
  const damaged = forEachEvent(files, (record) => {
    if (record.isStart) starts.push({ event, step: record.step });
    if (!(record.wallTime >= startSeconds)) startSeconds = record.wallTime;
    for (const { tag, content } of record.values)
      if (content && tag.startsWith("_hparams_/session"))
        session = { ...session, ...readSession(content) };
    event++;
  });
  const known = session.startSeconds;
  return {
    id: path.basename(folder),
    name: path.basename(path.dirname(folder)),
    title: null,
    notes: "",
    tags: [],
    group: session.groupName ? session.groupName : null,
    sweepId: null,
    config: session.hparams ?? {},
    summary: {},
    startSeconds: known !== undefined && Number.isFinite(known) ? known : startSeconds,
    outcome: outcomeOf(session.status),
    problems: damaged.map((file) => `${path.basename(file)} is damaged: what follows is lost`),
    readPoints: (listener) => readPoints(files, starts, listener),
  };
}

function outcomeOf(status: number | undefined): ForeignRun["outcome"] {
  if (status === 1) return "finished";
  return status === 2 ? "failed" : undefined;
}

/** @returns files that are damaged */
function forEachEvent(
  files: readonly string[],
  use: (record: TensorBoardRecord) => void,
): string[] {
  return files.filter((file) => {
    const events = readTensorBoardEvents(readFileSync(file));
    for (let next = events.next(); ; next = events.next()) {
      if (next.done === true) return next.value;
      use(next.value);
    }
  });
}

/**
 * Scalars in order. As TensorBoard does: where a process begins at a step, what earlier ones wrote
 * of that step and later ones is dropped.
 */
function readPoints(
  files: readonly string[],
  starts: readonly { event: number; step: number }[],
  listener: Pick<PointListener, "point">,
): void {
  let event = 0;
  forEachEvent(files, ({ step, wallTime, values }) => {
    const place = event++;
    if (starts.some((start) => start.event > place && start.step <= step)) return;
    const scalars = values.filter(({ scalar }) => scalar !== undefined);
    if (scalars.length === 0) return;
    listener.point(
      step,
      NaN,
      wallTime,
      Object.fromEntries(scalars.map(({ tag, scalar }) => [tag, scalar])),
    );
  });
}
