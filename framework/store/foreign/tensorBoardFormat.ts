import { readdirSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { fileStamp, statOf } from "../fileStamp.ts";
import type { ForeignFormat, ForeignListener, ForeignRun } from "./foreignRun.ts";
import {
  readTensorBoardEvents,
  type FileEnd,
  type TensorBoardRecord,
  type TensorBoardValue,
} from "./tensorBoardEvents.ts";
import { mediaOf } from "./tensorBoardMedia.ts";
import { readSession, type TensorBoardSession } from "./tensorBoardSession.ts";
import { readScalarTensor } from "./tensorBoardTensor.ts";

/** Folders with TensorBoard's event files, of any writer. */
export const tensorBoardFormat: ForeignFormat = {
  stamp: (folder) => eventFiles(folder).map(fileStamp).join(),
  read: readRun,
};

/** In the order in which TensorBoard reads them. */
function eventFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.includes("tfevents"));
    const files = names.toSorted().map((name) => path.join(folder, name));
    return files.filter((file) => statOf(file)?.isFile()); // on a pipe one would wait for ever
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
  const ends = forEachEvent(files, (record) => {
    if (record.isStart) starts.push({ event, step: record.step });
    if (!(record.wallTime >= startSeconds)) startSeconds = record.wallTime;
    for (const { tag, content } of record.values)
      if (content && tag.startsWith("_hparams_/session"))
        session = { ...session, ...sessionOf(content) };
    event++;
  });
  const known = session.startSeconds;
  const filesThat = (end: FileEnd): string[] =>
    files.filter((_, i) => ends[i] === end).map((file) => path.basename(file));
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
    surroundings: {},
    gitPatch: "",
    startSeconds: known !== undefined && Number.isFinite(known) ? known : startSeconds,
    outcome: outcomeOf(session.status),
    problems: filesThat("damaged").map((name) => `${name} is damaged: what follows is lost`),
    unfinished: filesThat("cut").map((name) => `${name} ends in the middle of a record`),
    readPoints: (listener) => readPoints(files, starts, listener),
    readConsole: () => [],
    readSystem: () => [],
    files: () => [],
  };
}

/** Nothing, where it is damaged. */
function sessionOf(content: Uint8Array): TensorBoardSession {
  try {
    return readSession(content);
  } catch (error) {
    if (error instanceof InputError) return {};
    throw error;
  }
}

function outcomeOf(status: number | undefined): ForeignRun["outcome"] {
  if (status === 1) return "finished";
  return status === 2 ? "failed" : undefined;
}

/** @returns how each file ends */
function forEachEvent(
  files: readonly string[],
  use: (record: TensorBoardRecord, file: string) => void,
): FileEnd[] {
  return files.map((file) => {
    const events = readTensorBoardEvents(file);
    for (let next = events.next(); ; next = events.next()) {
      if (next.done === true) return next.value;
      use(next.value, file);
    }
  });
}

/**
 * What was logged, in order. As TensorBoard does: where a process begins at a step, what earlier ones
 * wrote of that step and later ones is dropped.
 */
function readPoints(
  files: readonly string[],
  starts: readonly { event: number; step: number }[],
  listener: ForeignListener,
): void {
  const plugins = new Map<string, string>();
  const told = new Set<string>();
  let event = 0;
  forEachEvent(files, (record, file) => {
    const { step, wallTime, values } = record;
    for (const { tag, plugin } of values)
      if (plugin !== "" && !plugins.has(tag)) plugins.set(tag, plugin);
    const place = event++;
    if (starts.some((start) => start.event > place && start.step <= step)) return;
    const scalars = values.flatMap((value): [string, number][] => {
      const scalar = scalarOf(value, plugins.get(value.tag) ?? "");
      return scalar === undefined ? [] : [[value.tag, scalar]];
    });
    if (scalars.length > 0) listener.point(step, NaN, wallTime, Object.fromEntries(scalars));
    if (listener.media) tellMedia({ file, record, plugins, listener, told });
  });
}

function scalarOf({ simple, form, message }: TensorBoardValue, plugin: string): number | undefined {
  if (form !== "tensor" || (plugin !== "" && plugin !== "scalars")) return simple;
  try {
    return readScalarTensor(message);
  } catch {
    return undefined; // bytes that are no tensor
  }
}

interface Told {
  readonly file: string;
  readonly record: TensorBoardRecord;
  /** By tag. */
  readonly plugins: ReadonlyMap<string, string>;
  readonly listener: ForeignListener;
  /** Problems that were told: each once. */
  readonly told: Set<string>;
}

function tellMedia({ file, record, plugins, listener, told }: Told): void {
  for (const [index, { tag, simple }] of record.values.entries()) {
    if (simple !== undefined) continue;
    const media = quietly(() => mediaOf({ file, record, index, plugin: plugins.get(tag) ?? "" }));
    if (media === undefined) continue;
    if (typeof media !== "string") listener.media?.(media);
    else if (!told.has(media)) {
      told.add(media);
      listener.leftOut?.(media);
    }
  }
}

function quietly<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return `A value is left out: ${error instanceof Error ? error.message : String(error)}`;
  }
}
