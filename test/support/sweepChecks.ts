import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { readJournal } from "../../framework/sweep/journal.ts";
import { readConsole } from "../../framework/tracking/consoleLog.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";

/** Process numbers of a sweep's trials that run, by the locks in their folders. */
export function trialProcesses(sweep: string): number[] {
  try {
    const locks = readdirSync(sweep, { recursive: true, encoding: "utf8" });
    return locks.flatMap((name) => {
      const pid = /[/\\]run\..*\.(\d+)\.lock$/.exec(name)?.[1];
      return pid === undefined ? [] : [Number(pid)];
    });
  } catch {
    return [];
  }
}

/** Every number of every trial of a sweep, by its id. */
export function sweepNumbers(sweep: string): Record<string, string> {
  const ids = readdirSync(sweep).filter((name) => /^\w{8}$/.test(name));
  return Object.fromEntries(
    ids.map((id) => [id, JSON.stringify(readMetrics(path.join(sweep, id)).map(plain))]),
  );
}

const plain = ({ step, metrics }: { step: number; metrics: object }): unknown => [
  step,
  Object.entries(metrics).filter(([name]) => !/second|speed|time/i.test(name)),
];

/**
 * Every line of what a trial leaves beside its numbers is whole, and the CSV file has all of them.
 *
 * @throws {Error} naming the first trial of which that is not so
 */
export function checkRecords(sweep: string): void {
  for (const id of Object.keys(sweepNumbers(sweep))) {
    const trial = path.join(sweep, id);
    const lines = (name: string): string[] =>
      readFileSync(path.join(trial, name), "utf8").trimEnd().split("\n");
    for (const name of ["console.jsonl", "system.jsonl"])
      lines(name).forEach((line) => JSON.parse(line));
    const finished = readConsole(trial).filter(({ text }) => text.startsWith("Run finished"));
    if (finished.length !== 1) throw new Error(`Cannot accept ${trial}: its console has no end`);
    if (lines("metrics.csv").length !== readMetrics(trial).length + 1) {
      throw new Error(`Cannot accept ${trial}: its metrics.csv has not all rows`);
    }
  }
}

/**
 * Ids of the trials that have finished.
 *
 * @throws {Error} when one was run again after that
 */
export function finishedTrials(sweep: string): ReadonlySet<string> {
  const finished = new Set<string>();
  for (const event of readJournal(path.join(sweep, "sweep.jsonl"))) {
    if (finished.has(event.id))
      throw new Error(`Cannot accept ${sweep}: ${event.id} was run twice`);
    if (event.event === "ended" && event.outcome === "finished") finished.add(event.id);
  }
  return finished;
}
