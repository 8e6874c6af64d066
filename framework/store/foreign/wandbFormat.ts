import path from "node:path";

import { isRecord } from "../../tracking/parameters.ts";
import { applyItems, removeItems, treeJson, type JsonTree } from "../../tracking/wandb/json.ts";
import { OutputLines } from "../../tracking/wandb/outputLines.ts";
import { secondsOf, type WandbItem, type WandbRecord } from "../../tracking/wandb/proto.ts";
import { salvageOfflineFolder, wandbLogIn } from "../../tracking/wandb/sync/offlineFolder.ts";
import { fileStamp } from "../fileStamp.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";
import { parseQuietly } from "./parseQuietly.ts";
import { readHistory } from "./wandbHistory.ts";
import {
  configFile,
  filesIn,
  outputFile,
  summaryFile,
  surroundingsOf,
  textFile,
} from "./wandbSideFiles.ts";

/** Folders `offline-run-…` and `run-…` in W&B's format. */
export const wandbFormat: ForeignFormat = {
  stamp(folder) {
    const file = logIn(folder);
    return file === undefined ? "" : fileStamp(file);
  },
  read: readRun,
};

function logIn(folder: string): string | undefined {
  try {
    return wandbLogIn(folder);
  } catch {
    return undefined; // gone meanwhile, or not ours to read
  }
}

/** What the log does not say, or no longer, is taken from the files beside it. */
function readRun(folder: string): ForeignRun {
  const { file, run, records, problems, isCut } = salvageOfflineFolder(folder);
  const filesFolder = path.join(folder, "files");
  const { config, summary, exitCode } = settle(records);
  const name = path.basename(file);
  return {
    id: run.runId,
    name: run.project || path.basename(path.dirname(folder)),
    title: run.displayName || null,
    notes: run.notes ?? "",
    tags: run.tags ?? [],
    group: run.runGroup || null,
    sweepId: run.sweepId || null,
    config: Object.keys(config).length > 0 ? config : configFile(filesFolder),
    summary: Object.keys(summary).length > 0 ? summary : summaryFile(filesFolder),
    surroundings: surroundingsOf(records, { run, filesFolder, exitCode }),
    gitPatch: textFile(filesFolder, "diff.patch"),
    startSeconds: run.startTime?.seconds ? secondsOf(run.startTime) : NaN,
    outcome: exitCode === undefined ? undefined : exitCode === 0 ? "finished" : "failed",
    problems: problems.map((problem) => `${name}: ${problem}`),
    unfinished: isCut ? [`${name} ends in the middle of a record`] : [],
    readPoints: (listener) => readHistory(records, filesFolder, listener),
    readConsole() {
      const output = new OutputLines();
      for (const record of records) if ("outputRaw" in record) output.add(record.outputRaw);
      const lines = output.lines();
      return lines.length > 0 ? lines : outputFile(filesFolder);
    },
    readSystem: () => records.flatMap(systemRecord),
    files: () => filesIn(filesFolder, records),
  };
}

interface Settled {
  readonly config: Record<string, unknown>;
  readonly summary: Record<string, unknown>;
  readonly exitCode: number | undefined;
}

function settle(records: readonly WandbRecord[]): Settled {
  const [config, summary]: JsonTree[] = [new Map(), new Map()];
  let exitCode: number | undefined;
  for (const record of records) {
    if ("run" in record) applyItems(config!, record.run.config?.update ?? []);
    else if ("config" in record) change(config!, record.config);
    else if ("summary" in record) change(summary!, record.summary);
    else if ("exit" in record) exitCode = record.exit.exitCode;
  }
  return { config: valuesOf(config!), summary: valuesOf(summary!), exitCode };
}

function change(
  tree: JsonTree,
  { update, remove = [] }: { update: WandbItem[]; remove?: WandbItem[] },
): void {
  applyItems(tree, update);
  removeItems(tree, remove);
}

/** Without what W&B keeps for itself. */
function valuesOf(tree: JsonTree): Record<string, unknown> {
  const kept: JsonTree = new Map([...tree].filter(([key]) => !key.startsWith("_")));
  const value = parseQuietly(treeJson(kept));
  return isRecord(value) ? value : {};
}

function systemRecord(record: WandbRecord): { time: number; metrics: Record<string, number> }[] {
  if (!("stats" in record) || !record.stats.timestamp) return [];
  const metrics = record.stats.item.flatMap(({ key = "", valueJson }): [string, number][] => {
    const value = parseQuietly(valueJson);
    return typeof value === "number" ? [[key, value]] : [];
  });
  return [{ time: secondsOf(record.stats.timestamp), metrics: Object.fromEntries(metrics) }];
}
