import path from "node:path";

import { isRecord } from "../tracking/parameters.ts";
import {
  applyItems,
  parseLooseJson,
  removeItems,
  treeJson,
  type JsonTree,
} from "../tracking/wandb/json.ts";
import { secondsOf, type WandbItem, type WandbRecord } from "../tracking/wandb/proto.ts";
import { readOfflineFolder, wandbLogIn } from "../tracking/wandb/sync/offlineFolder.ts";
import { fileStamp } from "./fileStamp.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";
import type { PointListener } from "./pointReader.ts";

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

function readRun(folder: string): ForeignRun {
  const { run, records } = readOfflineFolder(folder);
  const [config, summary]: JsonTree[] = [new Map(), new Map()];
  let exitCode: number | undefined;
  for (const record of records) {
    if ("run" in record) applyItems(config!, record.run.config?.update ?? []);
    else if ("config" in record) change(config!, record.config);
    else if ("summary" in record) change(summary!, record.summary);
    else if ("exit" in record) exitCode = record.exit.exitCode;
  }
  return {
    id: run.runId,
    name: run.project || path.basename(path.dirname(folder)),
    title: run.displayName || null,
    notes: run.notes ?? "",
    tags: run.tags ?? [],
    group: run.runGroup || null,
    sweepId: run.sweepId || null,
    config: valuesOf(config!),
    summary: valuesOf(summary!),
    startSeconds: run.startTime ? secondsOf(run.startTime) : NaN,
    outcome: exitCode === undefined ? undefined : exitCode === 0 ? "finished" : "failed",
    problems: [],
    readPoints: (listener) => readPoints(records, listener),
  };
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

function parseQuietly(text: string): unknown {
  try {
    return parseLooseJson(text);
  } catch {
    return undefined;
  }
}

function readPoints(records: readonly WandbRecord[], listener: Pick<PointListener, "point">): void {
  for (const record of records) {
    if (!("history" in record)) continue;
    const tree: JsonTree = new Map();
    applyItems(tree, record.history.item);
    const row = new Map<string, number>();
    addNumbers(row, "", parseQuietly(treeJson(tree)));
    const step = record.history.step?.num ?? row.get("_step") ?? 0;
    const metrics = [...row].filter(([name]) => !name.startsWith("_"));
    const time = row.get("_timestamp") ?? NaN;
    if (metrics.length > 0)
      listener.point(step, row.get("epoch") ?? NaN, time, Object.fromEntries(metrics));
  }
}

/** Numbers at any depth, names joined by dots; pictures, histograms and their like are left out. */
function addNumbers(row: Map<string, number>, name: string, value: unknown): void {
  if (typeof value === "number") row.set(name, value);
  if (!isRecord(value) || "_type" in value) return;
  for (const [key, inner] of Object.entries(value))
    addNumbers(row, name === "" ? key : `${name}.${key}`, inner);
}
