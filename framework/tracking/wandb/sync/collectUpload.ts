import path from "node:path";

import { stringify } from "yaml";

import type { ConsoleLine } from "../../consoleLog.ts";
import { applyItems, parseLooseJson, removeItems, treeJson, type JsonTree } from "../json.ts";
import { OutputLines } from "../outputLines.ts";
import { secondsOf, type WandbArtifactRecord, type WandbItem } from "../proto.ts";
import type { OfflineFolder } from "./offlineFolder.ts";

/** A row of history, as the server takes it. */
export interface HistoryLine {
  step: number;
  /** JSON in which NaN stands bare. */
  text: string;
}

/** What a folder holds for W&B. */
export interface WandbUpload {
  history: HistoryLine[];
  /** What the machine did, and what was printed, line by line. */
  events: string[];
  output: string[];
  /** JSON. */
  config: string;
  summary: string;
  /** Names below `files/`, and what is made here for W&B to show beside them. */
  files: string[];
  madeFiles: ReadonlyMap<string, string>;
  /** Undefined when the run's process did not get to say how it ended. */
  exitCode: number | undefined;
  artifacts: WandbArtifactRecord[];
}

/** Puts together what was logged, as `wandb sync` does. */
export function collectUpload({ run, records }: OfflineFolder): WandbUpload {
  const config: JsonTree = new Map();
  const summary: JsonTree = new Map();
  const files = new Set<string>();
  const upload = {
    history: [] as HistoryLine[],
    events: [] as string[],
    output: new OutputLines(),
    exitCode: undefined as number | undefined,
    artifacts: [] as WandbArtifactRecord[],
  };
  const startSeconds = run.startTime ? secondsOf(run.startTime) : undefined;
  for (const record of records) {
    if ("run" in record) applyItems(config, record.run.config?.update ?? []);
    else if ("config" in record) update(config, record.config);
    else if ("summary" in record) update(summary, record.summary);
    else if ("history" in record) upload.history.push(historyLine(record.history));
    else if ("stats" in record) upload.events.push(eventLine(record.stats, startSeconds));
    else if ("outputRaw" in record) upload.output.add(record.outputRaw);
    else if ("exit" in record) upload.exitCode = record.exit.exitCode;
    else if ("artifact" in record) upload.artifacts.push(record.artifact);
    else if ("files" in record) for (const file of record.files.files) files.add(file.path);
  }
  const output = upload.output.lines();
  const configJson = configText(config);
  const summaryJson = treeJson(summary);
  return {
    ...upload,
    output: output.map(outputLine),
    config: configJson,
    summary: summaryJson,
    files: [...files].filter(isInside),
    madeFiles: new Map([
      ["config.yaml", stringify(parseLooseJson(configJson))],
      ["wandb-summary.json", summaryJson],
      ...(output.length > 0
        ? [["output.log", output.map(({ text }) => `${text}\n`).join("")] as const]
        : []),
    ]),
  };
}

function update(
  tree: JsonTree,
  { update: items, remove = [] }: { update: WandbItem[]; remove?: WandbItem[] },
): void {
  applyItems(tree, items);
  removeItems(tree, remove);
}

/** Each top-level value under `value`, as W&B's programs for Python do. */
function configText(config: JsonTree): string {
  const wrapped: JsonTree = new Map(
    [...config]
      .filter(([key]) => key !== "_wandb")
      .map(([key, value]) => [key, new Map([["value", value]])]),
  );
  return treeJson(wrapped.set("_wandb", '{"value":{"m":[],"t":{}}}'));
}

function historyLine({
  item,
  step,
}: {
  item: WandbItem[];
  step: { num: number } | null;
}): HistoryLine {
  const tree: JsonTree = new Map();
  applyItems(tree, item);
  return { step: step?.num ?? Number(tree.get("_step") ?? 0), text: treeJson(tree) };
}

function eventLine(
  { item, timestamp }: { item: WandbItem[]; timestamp: { seconds: number; nanos: number } },
  startSeconds: number | undefined,
): string {
  const time = secondsOf(timestamp);
  const tree: JsonTree = new Map();
  applyItems(tree, item);
  const named: JsonTree = new Map([...tree].map(([key, value]) => [`system.${key}`, value]));
  named.set("_wandb", "true");
  named.set("_timestamp", String(time));
  if (startSeconds !== undefined) named.set("_runtime", String(time - startSeconds));
  return treeJson(named);
}

/** As W&B's programs write it to `output.log`, with time and stream. */
function outputLine({ time, stream, text }: ConsoleLine): string {
  const moment = new Date(time * 1000).toISOString().replace("Z", "");
  return `${stream === "stderr" ? "ERROR " : ""}${moment} ${text}`;
}

/** A log from elsewhere must not name files outside of its folder. */
function isInside(name: string): boolean {
  return name !== "" && !path.isAbsolute(name) && !name.split(/[\\/]/).includes("..");
}
