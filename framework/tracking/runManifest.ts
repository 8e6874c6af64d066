import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord, type Parameters } from "./parameters.ts";
import { redactParameters } from "./redactSecrets.ts";
import type { RunArtifact } from "./runArtifact.ts";
import type { RunEnvironment } from "./runEnvironment.ts";
import type { RunSummary } from "./runOutcome.ts";

export type RunStatus = "running" | "finished" | "failed" | "interrupted";

/** A process's continuation of a run. */
export interface RunResume extends RunEnvironment {
  /** Optimizer step of the checkpoint that it continued from; absent when there was none. */
  step?: number;
  command: readonly string[];
  startedAt: string;
}

/** The part that a run has in a sweep. */
export interface RunSweep {
  /** Of the sweep: 8 base-36 characters. */
  id: string;
  name: string;
  /** Number of the trial, from 1. */
  trial: number;
  /** The same for runs that differ in their seed alone. */
  group: string;
  /** What the sweep has set, but the seed. */
  parameters: Parameters;
}

/** Where a run of another program's came from. */
export interface RunImport {
  format: string;
  from: string;
  /** What could not be taken over, for a person. */
  problems: readonly string[];
}

/** What `manifest.json` says of a run. Times are ISO 8601 in UTC. Nothing secret is in it. */
export interface RunManifest extends RunEnvironment {
  formatVersion: 1;
  /** 8 base-36 characters. */
  id: string;
  name: string;
  /** As the run's last process left it; a killed process leaves `running`. */
  status: RunStatus;
  seed: number;
  /** SHA-256 of the resolved spec, whatever the order of its keys. */
  specSha256: string;
  command: readonly string[];
  startedAt: string;
  /** Of the last process, when it ended by itself. */
  endedAt?: string;
  /** When the run's process was last known to live. */
  heartbeatAt: string;
  /** What the last process ended with; absent while it runs, and after it was killed. */
  exitCode?: number;
  /** What the run ended with. */
  summary: RunSummary;
  /** Content hashes of the data the run used. */
  data: Readonly<Record<string, { sha256: string; details: Parameters }>>;
  /** Files and folders that the run made or used. */
  artifacts?: readonly RunArtifact[];
  resumes: readonly RunResume[];
  /** Absent outside sweeps. */
  sweep?: RunSweep;
  /** Absent in runs that were carried out here. */
  imported?: RunImport;
}

/** Of a process that has ended since its run is to pause, and is not asked to stop. */
export const pausedExitCode = 0;

/** Whether the run's last process has ended where it was to pause. */
export const isPaused = ({ status, exitCode }: RunManifest): boolean =>
  status === "interrupted" && exitCode === pausedExitCode;

export function manifestPath(folder: string): string {
  return path.join(folder, "manifest.json");
}

export function writeManifest(folder: string, manifest: RunManifest): void {
  const told = redactParameters({ ...manifest }, process.env); // in its texts: JSON's own writing stays whole
  writeFileAtomic(manifestPath(folder), `${JSON.stringify(told, null, 2)}\n`);
}

const longestManifest = 2 ** 26;

/** @throws {InputError} when the folder is no run's */
export function readManifest(folder: string): RunManifest {
  const file = manifestPath(folder);
  try {
    const value: unknown = JSON.parse(readRegularFile(file, longestManifest).toString());
    if (isManifest(value)) return value;
  } catch (cause) {
    throw new InputError(`Cannot open run ${folder}: expected a readable manifest.json`, { cause });
  }
  throw new InputError(`Cannot read ${file}: expected a run's manifest of format version 1`);
}

const statuses: readonly unknown[] = ["running", "finished", "failed", "interrupted"];

function isManifest(value: unknown): value is RunManifest {
  if (!isRecord(value) || value["formatVersion"] !== 1) return false;
  const texts = ["id", "name", "specSha256", "startedAt", "heartbeatAt"];
  return (
    texts.every((key) => typeof value[key] === "string") &&
    ["data", "summary", "host", "versions"].every((key) => isRecord(value[key])) &&
    statuses.includes(value["status"]) &&
    typeof value["seed"] === "number" &&
    Array.isArray(value["command"]) &&
    (value["artifacts"] === undefined || isRecords(value["artifacts"])) &&
    (value["imported"] === undefined || isImport(value["imported"])) &&
    isRecords(value["resumes"])
  );
}

const isRecords = (value: unknown): boolean => Array.isArray(value) && value.every(isRecord);

function isImport(value: unknown): value is RunImport {
  return isRecord(value) && Array.isArray(value["problems"]);
}
