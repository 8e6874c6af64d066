import path from "node:path";

import { isRecord } from "../../tracking/parameters.ts";
import { notesFileName } from "../../tracking/runNotes.ts";
import { fileStamp } from "../fileStamp.ts";
import { flattenSpec, groupOf } from "../flatSpec.ts";
import type { Cell, IndexedRun, RunSource } from "../indexedRun.ts";
import { MetricSummaries } from "../metricSummaries.ts";
import type { PointReader } from "../pointReader.ts";
import { readNotes } from "../readNotes.ts";
import type { IndexEntry, ReadEntryOptions, RunReader } from "../runReader.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";
import { readQuietly } from "./readQuietly.ts";

/** No process puts a lock beside these files, as runs of ours do: one that wrote so lately may go on. */
const aliveMs = 300_000;

/** Reads runs of another program's format for the index. All of a run is read when it has changed. */
export function foreignRunReader(source: RunSource, format: ForeignFormat): RunReader {
  return {
    readEntry(folder: string, { earlier, nowMs }: ReadEntryOptions): IndexEntry | undefined {
      const stamp = format.stamp(folder);
      if (stamp === "") return undefined;
      const notes = fileStamp(path.join(folder, notesFileName));
      const before = isRecord(earlier?.state) ? earlier.state : {};
      const isSame = before["stamp"] === stamp && before["notes"] === notes;
      if (earlier && isSame && !earlier.isAlive) return earlier;
      const isAlive = nowMs - lastWrite(stamp) < aliveMs;
      if (earlier && isSame && isAlive) return earlier;
      const run = readQuietly(format, folder);
      const described = describe(folder, source, { run, isAlive, writtenMs: lastWrite(stamp) });
      return {
        run: described,
        isAlive: isAlive && run.outcome === undefined,
        state: { stamp, notes },
      };
    },
  };
}

/** Curves of another program's runs. */
export function foreignPoints(format: ForeignFormat): PointReader {
  return (folder, cursor, listener) => {
    const stamp = format.stamp(folder);
    if (stamp === cursor) return cursor;
    if (cursor !== undefined) listener.restart();
    if (stamp !== "") readQuietly(format, folder).readPoints(listener);
    return stamp;
  };
}

/** When the newest of the files was written, milliseconds since 1970. */
function lastWrite(stamp: string): number {
  return Math.max(...stamp.split(",").map((each) => Number(each.split(":")[2])));
}

interface Described {
  readonly run: ForeignRun;
  readonly isAlive: boolean;
  readonly writtenMs: number;
}

function describe(
  folder: string,
  source: RunSource,
  { run, isAlive, writtenMs }: Described,
): IndexEntry["run"] {
  const { metrics, step, firstTime, lastTime, leftOut } = sumUp(run);
  const start = known(run.startSeconds) ?? known(firstTime) ?? writtenMs / 1000;
  const end = known(lastTime) ?? start;
  const config = flattenSpec(run.config);
  const { words, isDamaged } = readNotes(folder, { tags: run.tags, notes: run.notes });
  const seed = config["seed"];
  const status = run.outcome ?? unknownStatus(source, isAlive);
  const hasConfig = Object.keys(config).length > 0;
  return {
    folder,
    source,
    id: run.id,
    name: run.name,
    status,
    startedAt: isoTime(start),
    heartbeatAt: isoTime(end),
    endedAt: status === "running" ? null : isoTime(end),
    durationSeconds: Math.max(0, end - start),
    seed: typeof seed === "number" ? seed : null,
    step,
    config,
    metrics,
    summary: plainCells(run.summary),
    group: run.group ?? (hasConfig ? groupOf(config) : run.id),
    sweep: run.sweepId === null ? null : { id: run.sweepId, name: run.sweepId, trial: 0 },
    ...words,
    title: words.title ?? run.title,
    problems: [
      ...run.problems,
      ...(isAlive ? [] : run.unfinished),
      ...leftOut,
      ...(isDamaged ? ["notes.json is damaged"] : []),
    ],
  };
}

/** TensorBoard's files say nothing of an end; W&B's do, unless the process was killed. */
function unknownStatus(source: RunSource, isAlive: boolean): IndexedRun["status"] {
  if (isAlive) return "running";
  return source === "tensorboard" ? "finished" : "interrupted";
}

function sumUp(run: ForeignRun): {
  metrics: IndexedRun["metrics"];
  step: number;
  firstTime: number;
  lastTime: number;
  leftOut: string[];
} {
  const summaries = new MetricSummaries();
  let [lastStep, firstTime, lastTime] = [0, NaN, NaN];
  const leftOut: string[] = [];
  run.readPoints({
    media: ({ step }) => void (lastStep = Math.max(lastStep, step)),
    leftOut: (problem) => void leftOut.push(problem),
    point(step, _epoch, time, metrics) {
      summaries.add(step, metrics);
      lastStep = Math.max(lastStep, step);
      if (!(time >= firstTime)) firstTime = Number.isNaN(time) ? firstTime : time;
      if (!(time <= lastTime)) lastTime = Number.isNaN(time) ? lastTime : time;
    },
  });
  return { metrics: summaries.toRecord(), step: lastStep, firstTime, lastTime, leftOut };
}

const known = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function isoTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

/** Pictures and their like are left out. */
function plainCells(summary: Readonly<Record<string, unknown>>): Record<string, Cell> {
  const plain = Object.entries(summary).filter(
    ([, value]) => !(isRecord(value) && "_type" in value),
  );
  return { ...flattenSpec(Object.fromEntries(plain)) };
}
