import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

import { stringify } from "yaml";

import { writeChunksAtomic, writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { nonFiniteWord } from "../tracking/jsonNumber.ts";
import { formatRecord, metricsFileName } from "../tracking/metricsFile.ts";
import { hashParameters, isRecord } from "../tracking/parameters.ts";
import { manifestPath, writeManifest, type RunManifest } from "../tracking/runManifest.ts";
import { notesFileName } from "../tracking/runNotes.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";
import type { IndexedRun } from "./indexedRun.ts";
import { numbersOf } from "./numbersOf.ts";
import { RunIndex } from "./runIndex.ts";
import { tensorBoardFormat } from "./tensorBoardFormat.ts";
import { wandbFormat } from "./wandbFormat.ts";

export type ImportFormat = "tensorboard" | "wandb";

export interface ImportRunsOptions {
  readonly format: ImportFormat;
  /** A folder of runs of the other program, or of one. */
  readonly from: string;
  /** Folder of all our runs. */
  readonly runsFolder: string;
  /** Of all of them; what they are called themselves when absent. */
  readonly name?: string | undefined;
  /** What was typed. */
  readonly command: readonly string[];
}

/** What became of a run. */
export interface ImportedRun {
  readonly from: string;
  readonly folder: string;
  /** It had been there before, and was left alone. */
  readonly wasThere: boolean;
}

const formats: Readonly<Record<ImportFormat, ForeignFormat>> = {
  tensorboard: tensorBoardFormat,
  wandb: wandbFormat,
};

/**
 * Makes runs of ours from those of another program: settings, scalars, results, notes and tags. What
 * it was made from stays as it is.
 *
 * @throws {InputError} when there is no run of that program
 */
export async function importRuns(options: ImportRunsOptions): Promise<ImportedRun[]> {
  const { format, from, runsFolder } = options;
  const index = await RunIndex.open({ folders: [from], cacheFolder: null });
  const runs = index.runs().filter(({ source }) => source === format);
  if (runs.length === 0)
    throw new InputError(`Cannot import ${from}: expected runs of ${format}'s below it, got none`);
  return runs.map((run) => {
    const name = folderName(options.name ?? run.name);
    const folder = path.join(runsFolder, name, folderName(run.key));
    const wasThere = existsSync(manifestPath(folder));
    if (!wasThere) writeRun(folder, run, { ...options, name });
    return { from: run.folder, folder, wasThere };
  });
}

/** As names of runs must be. */
function folderName(text: string): string {
  const safe = text.replaceAll(/[^\p{L}\p{N}_. -]/gu, "-").replace(/^[^\p{L}\p{N}_]+/u, "");
  return safe.trim() || "imported";
}

function writeRun(
  folder: string,
  indexed: IndexedRun,
  { format, name, command }: ImportRunsOptions & { name: string },
): void {
  const run = formats[format].read(indexed.folder);
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(
    path.join(folder, "spec.yaml"),
    stringify({ name, tags: run.tags, ...run.config }),
  );
  writeChunksAtomic(path.join(folder, metricsFileName), metricLines(run, indexed));
  const { tags, notes, starred, archived, colour, title } = indexed;
  const words = { tags, notes, starred, archived, colour, name: title };
  writeFileAtomic(path.join(folder, notesFileName), `${JSON.stringify(words, null, 2)}\n`);
  writeManifest(folder, manifestOf(run, indexed, { name, command, id: path.basename(folder) }));
}

/** Scalars of one step that came one after another are one line. */
function* metricLines(run: ForeignRun, { startedAt }: IndexedRun): Generator<Buffer> {
  const lines: Buffer[] = [];
  let open: { step: number; epoch: number; time: number; metrics: Map<string, number> } | undefined;
  const close = (): void => {
    if (!open) return;
    const { step, epoch, time, metrics } = open;
    const known = Number.isFinite(time) ? time : Date.parse(startedAt) / 1000;
    const content = { step, epoch, wallTimeSeconds: known, metrics: Object.fromEntries(metrics) };
    lines.push(Buffer.from(formatRecord({ kind: "metrics", ...content })));
  };
  run.readPoints({
    point(step, epoch, time, values) {
      const metrics = numbersOf(values);
      const isNew = open?.step !== step || metrics.some(([name]) => open!.metrics.has(name));
      if (isNew) {
        close();
        open = { step, epoch, time, metrics: new Map(metrics) };
      } else for (const [name, value] of metrics) open!.metrics.set(name, value);
    },
  });
  close();
  yield* lines;
}

function manifestOf(
  { config, summary }: ForeignRun,
  run: IndexedRun,
  { name, id, command }: { name: string; id: string; command: readonly string[] },
): RunManifest {
  return {
    formatVersion: 1,
    id,
    name,
    status: run.status === "running" ? "interrupted" : run.status,
    seed: run.seed ?? 0,
    specSha256: hashParameters(config),
    command,
    startedAt: run.startedAt,
    heartbeatAt: run.heartbeatAt,
    ...(run.endedAt !== null && { endedAt: run.endedAt }),
    versions: {},
    host: { name: "unknown", platform: "unknown", cpu: "unknown", cores: 0, memoryBytes: 0 },
    summary: plainSummary(summary),
    data: {},
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
