import { existsSync } from "node:fs";

import { readMetrics } from "../tracking/metricsFile.ts";
import { runOwner } from "../tracking/runLock.ts";
import { manifestPath, readManifest, type RunManifest } from "../tracking/runManifest.ts";
import type { JournalEvent } from "./journal.ts";

/**
 * `waiting` has not been started; `pruned` was stopped for good, as it promised little; `paused`
 * waits at a rung.
 */
export type TrialStatus =
  | "waiting"
  | "running"
  | "interrupted"
  | "failed"
  | "pruned"
  | "paused"
  | "finished";

/** What a trial's folder and the sweep's journal say of it. */
export interface TrialRecord {
  readonly status: TrialStatus;
  /** Absent before the run has begun. */
  readonly manifest?: RunManifest;
  /** Time that its processes took, as far as they have ended. */
  readonly seconds: number;
  /** How often it was started. */
  readonly starts: number;
  /** Why it failed, or was stopped for good. */
  readonly reason?: string;
  /** Optimizer step at which it is paused. */
  readonly pausedAt?: number;
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
  const dropped = events.find((each) => each.event === "decided" && each.decision === "dropped");
  const last = dropped?.event === "decided" ? dropped : ends.at(-1);
  const reason = last?.reason;
  const status = statusOf(folder, manifest, events);
  const pausedAt = status === "paused" ? ends.at(-1)?.step : undefined;
  return {
    status,
    ...(manifest && { manifest }),
    ...(pausedAt !== undefined && { pausedAt }),
    seconds: ends.reduce((sum, { seconds }) => sum + seconds, 0),
    starts: events.filter(({ event }) => event === "started").length,
    ...(reason !== undefined && { reason }),
  };
}

function statusOf(
  folder: string,
  manifest: RunManifest | undefined,
  events: readonly JournalEvent[],
): TrialStatus {
  if (manifest?.status === "finished") return "finished";
  if (events.some((each) => each.event === "decided" && each.decision === "dropped")) {
    return "pruned";
  }
  const last = events.findLast(({ event }) => event === "started" || event === "ended");
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

/** Optimizer step at which a run has logged a number last; 0 when it never did. */
export function lastStep(folder: string, name: string): number {
  return readMetrics(folder).findLast(({ metrics }) => Object.hasOwn(metrics, name))?.step ?? 0;
}

/** Names of all numbers that a run has, in its summary or logged, sorted. */
export function metricNames(folder: string, { manifest }: Pick<TrialRecord, "manifest">): string[] {
  const summary = Object.entries(manifest?.summary ?? {});
  const numbers = summary.flatMap(([name, value]) => (typeof value === "number" ? [name] : []));
  const logged = readMetrics(folder).flatMap(({ metrics }) => Object.keys(metrics));
  return [...new Set([...numbers, ...logged])].toSorted();
}
