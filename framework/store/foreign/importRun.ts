import { mkdirSync } from "node:fs";
import path from "node:path";

import { stringify } from "yaml";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { nonFiniteWord } from "../../tracking/jsonNumber.ts";
import { hashParameters, isRecord } from "../../tracking/parameters.ts";
import type { RunArtifact } from "../../tracking/runArtifact.ts";
import { writeManifest, type RunManifest } from "../../tracking/runManifest.ts";
import { notesFileName } from "../../tracking/runNotes.ts";
import type { IndexedRun } from "../indexedRun.ts";
import { copyFiles } from "./copyFiles.ts";
import { copyLines } from "./copyLines.ts";
import { copyRecords } from "./copyRecords.ts";
import { foreignFormats } from "./foreignFormats.ts";
import type { ForeignRun } from "./foreignRun.ts";
import { ImportProblems } from "./importProblems.ts";

export interface ImportRunOptions {
  readonly format: keyof typeof foreignFormats;
  /** Of the run, in our folders. */
  readonly name: string;
  /** What was typed. */
  readonly command: readonly string[];
}

/**
 * Makes a run of ours from one of another program. Its manifest comes last: a folder without one is
 * filled again by the next import.
 *
 * @returns what could not be taken over, for a person
 */
export function importRun(
  folder: string,
  indexed: IndexedRun,
  { format, name, command }: ImportRunOptions,
): readonly string[] {
  const run = foreignFormats[format].read(indexed.folder);
  const problems = new ImportProblems([...run.problems, ...run.unfinished]);
  mkdirSync(folder, { recursive: true });
  const spec = stringify({ name, tags: run.tags, ...run.config });
  writeFileAtomic(path.join(folder, "spec.yaml"), spec);
  if (run.gitPatch !== "") writeFileAtomic(path.join(folder, "git.patch"), run.gitPatch);
  copyRecords(folder, run, { startSeconds: Date.parse(indexed.startedAt) / 1000, problems });
  copyLines(folder, run);
  const artifacts = copyFiles(folder, run, problems);
  writeWords(folder, indexed);
  const from = { format, from: path.resolve(indexed.folder), problems: problems.list() };
  const id = path.basename(folder);
  writeManifest(folder, {
    ...manifestOf(run, indexed, { name, command, id, artifacts }),
    imported: from,
  });
  return from.problems;
}

function writeWords(folder: string, run: IndexedRun): void {
  const { tags, notes, starred, archived, colour, title } = run;
  const words = { tags, notes, starred, archived, colour, name: title };
  writeFileAtomic(path.join(folder, notesFileName), `${JSON.stringify(words, null, 2)}\n`);
}

interface Made {
  readonly name: string;
  readonly id: string;
  readonly command: readonly string[];
  readonly artifacts: readonly RunArtifact[];
}

const unknownHost: RunManifest["host"] = {
  ...{ name: "unknown", platform: "unknown", cpu: "unknown" },
  ...{ cores: 0, memoryBytes: 0 },
};

function manifestOf(
  { config, summary, surroundings }: ForeignRun,
  run: IndexedRun,
  { name, id, command, artifacts }: Made,
): RunManifest {
  const { git, exitCode, versions = {}, host } = surroundings;
  return {
    formatVersion: 1,
    id,
    name,
    status: run.status === "running" ? "interrupted" : run.status,
    seed: run.seed ?? 0,
    specSha256: hashParameters(config),
    command: surroundings.command ?? command,
    startedAt: run.startedAt,
    heartbeatAt: run.heartbeatAt,
    ...(run.endedAt !== null && { endedAt: run.endedAt }),
    ...(git && { git }),
    ...(exitCode !== undefined && { exitCode }),
    versions,
    host: { ...unknownHost, ...host },
    summary: plainSummary(summary),
    data: {},
    ...(artifacts.length > 0 && { artifacts }),
    resumes: [],
  };
}

function plainSummary(summary: Readonly<Record<string, unknown>>): Record<string, number | string> {
  const plain = Object.entries(summary).flatMap(([key, value]): [string, number | string][] => {
    if (typeof value === "number") return [[key, nonFiniteWord(value) ?? value]];
    if (isRecord(value) && "_type" in value) return [];
    return [[key, typeof value === "string" ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(plain);
}
