/** @file What lies beside a transaction log of W&B's: files of the run, and copies of what the log says. */
import { existsSync } from "node:fs";

import { parse } from "yaml";

import { InputError } from "../../base/errors.ts";
import type { ConsoleLine } from "../../tracking/consoleLog.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { WandbEnvironment, WandbRecord, WandbRunRecord } from "../../tracking/wandb/proto.ts";
import { fileInside } from "../media/fileInside.ts";
import { readBytes } from "../media/readBytes.ts";
import { namesBelow, placeOf } from "./filesBelow.ts";
import type { ForeignFile, ForeignSurroundings } from "./foreignRun.ts";
import { parseQuietly } from "./parseQuietly.ts";
import { typedValues } from "./wandbHistory.ts";
import { filesOf } from "./wandbMedia.ts";

type Settings = Record<string, unknown>;

const longestText = 2 ** 26;

/** Text of a file below `files/`; "" where there is none, or it is not to be read. */
export function textFile(filesFolder: string, name: string): string {
  try {
    const place = existsSync(filesFolder) ? fileInside(filesFolder, name) : undefined;
    if (!place || place.bytes > longestText) return "";
    return Buffer.concat([...readBytes(place)]).toString();
  } catch (error) {
    if (error instanceof InputError) return "";
    throw error;
  }
}

/** `config.yaml`, whose settings stand each under a `value`. */
export function configFile(filesFolder: string): Settings {
  const value = parseYaml(textFile(filesFolder, "config.yaml"));
  const entries = Object.entries(isRecord(value) ? value : {}).flatMap(([key, each]) => {
    const isSetting = isRecord(each) && "value" in each && key !== "_wandb";
    return isSetting ? [[key, each["value"]] as const] : [];
  });
  return Object.fromEntries(entries);
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

export function summaryFile(filesFolder: string): Settings {
  const value = parseQuietly(textFile(filesFolder, "wandb-summary.json"));
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(entries.filter(([key]) => !key.startsWith("_")));
}

/** `output.log`, which does not say when and where its lines were printed. */
export function outputFile(filesFolder: string): ConsoleLine[] {
  const lines = textFile(filesFolder, "output.log").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((text) => ({ time: 0, stream: "stdout", text }));
}

interface Known {
  readonly run: WandbRunRecord;
  readonly filesFolder: string;
  readonly exitCode: number | undefined;
}

/** Code, machine and command, by the log or by `wandb-metadata.json`. */
export function surroundingsOf(
  records: readonly WandbRecord[],
  { run, filesFolder, exitCode }: Known,
): ForeignSurroundings {
  const said = records.find((record) => "environment" in record)?.environment;
  const { os, python, args = [], program, ...known } = said ?? metadataFile(filesFolder);
  const header = records.find((record) => "header" in record)?.header;
  const producer = header?.versionInfo?.producer;
  const commit = run.git?.commit || known.git?.commit;
  const dirty = textFile(filesFolder, "diff.patch") !== "";
  return {
    ...(program && { command: ["python", program, ...args] }),
    ...(commit && { git: { commit, dirty } }),
    ...(exitCode !== undefined && { exitCode }),
    versions: { ...(python && { python }), ...(producer && { wandb: producer.split("+")[0]! }) },
    host: {
      ...((known.host || run.host) && { name: known.host || run.host! }),
      ...(os && { platform: os }),
      ...(known.cpuCountLogical && { cores: known.cpuCountLogical }),
    },
  };
}

function metadataFile(filesFolder: string): WandbEnvironment {
  const value = parseQuietly(textFile(filesFolder, "wandb-metadata.json"));
  if (!isRecord(value)) return {};
  const text = (key: string): string => (typeof value[key] === "string" ? value[key] : "");
  const { args, git, cpu_count_logical: cores } = value;
  const commit = isRecord(git) ? git["commit"] : undefined;
  return {
    os: text("os"),
    python: text("python"),
    program: text("program"),
    host: text("host"),
    args: Array.isArray(args) ? args.map(String) : [],
    ...(typeof commit === "string" && { git: { commit } }),
    ...(typeof cores === "number" && { cpuCountLogical: cores }),
  };
}

/** Kinds of media that become records, and need no file besides. */
const recorded = /^(image-file|images\/separated|html-file|.*table-file)$/;

/** Files below `files/`, and those that the log names and that are not there. */
export function filesIn(filesFolder: string, records: readonly WandbRecord[]): ForeignFile[] {
  const media = typedValues(records).filter(({ _type: type }) => recorded.test(String(type)));
  const taken = new Set(media.flatMap(filesOf));
  const named = records.flatMap((record) =>
    "files" in record ? record.files.files.map((file) => file.path) : [],
  );
  const all = new Set([...namesBelow(filesFolder), ...named]);
  return [...all]
    .filter((name) => !taken.has(name))
    .toSorted()
    .map((name) => ({ name, place: () => placeOf(filesFolder, name) }));
}
