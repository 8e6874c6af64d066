import { existsSync } from "node:fs";

import { readMetrics } from "../tracking/metricsFile.ts";
import { runOwner } from "../tracking/runLock.ts";
import { manifestPath, readManifest, type RunManifest } from "../tracking/runManifest.ts";
import type { JournalEvent } from "./journal.ts";

/** `waiting` has not been started; `pruned` was stopped for good, as it promised little. */
export type TrialStatus = "waiting" | "running" | "interrupted" | "failed" | "pruned" | "finished";

/** What a trial's folder and the sweep's journal say of it. */
export interface TrialRecord {
  readonly status: TrialStatus;
  /** Absent before the run has begun. */
  readonly manifest?: RunManifest;
  /** Time that its processes took, as far as they have ended. */
  readonly seconds: number;
  /** How often it was started. */
  readonly starts: number;
  /** Why it failed. */
  readonly reason?: string;
}

/**
 * Whether a trial is done is what its run's folder says; what the journal says of one that is not
 * comes second.
 *
 * @param events of this trial
 */
export function readTrialRecord(folder: string, events: readonly JournalEvent[]): TrialRecord {
  const ends = events.filter((each) => each.event === "ended");
  const manifest = existsSync(manifestPath(folder)) ? readManifest(folder) : undefined;
  const last = ends.at(-1);
  const reason = last?.reason;
  return {
    status: statusOf(
      folder,
      manifest,
      events.findLast(({ event }) => event !== "suggested"),
    ),
    ...(manifest && { manifest }),
    seconds: ends.reduce((sum, { seconds }) => sum + seconds, 0),
    starts: events.filter(({ event }) => event === "started").length,
    ...(reason !== undefined && { reason }),
  };
}

function statusOf(
  folder: string,
  manifest: RunManifest | undefined,
  last: JournalEvent | undefined,
): TrialStatus {
  if (manifest?.status === "finished") return "finished";
  if (existsSync(folder) && runOwner(folder, manifestPath(folder))) return "running";
  if (last?.event === "ended" && last.outcome !== "finished") return last.outcome;
  return last || manifest ? "interrupted" : "waiting";
}

/**
 * A number of a run: from its summary, else the last one logged.
 *
 * @returns undefined when the run has none of that name
 */
export function trialMetric(
  folder: string,
  { manifest }: Pick<TrialRecord, "manifest">,
  name: string,
): number | undefined {
  const value = manifest?.summary[name];
  if (typeof value === "number") return value;
  const record = readMetrics(folder).findLast(({ metrics }) => Object.hasOwn(metrics, name));
  return record?.metrics[name];
}

/** Names of all numbers that a run has, in its summary or logged, sorted. */
export function metricNames(folder: string, { manifest }: Pick<TrialRecord, "manifest">): string[] {
  const summary = Object.entries(manifest?.summary ?? {});
  const numbers = summary.flatMap(([name, value]) => (typeof value === "number" ? [name] : []));
  const logged = readMetrics(folder).flatMap(({ metrics }) => Object.keys(metrics));
  return [...new Set([...numbers, ...logged])].toSorted();
}
