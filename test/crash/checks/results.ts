import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { readRecords } from "../../../framework/tracking/metricsFile.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { readCheckpointContent } from "../../../framework/training/checkpoint.ts";
import { checkpointName, readPointer } from "../../../framework/training/checkpointFolder.ts";
import { readEventFile, type ReadValue } from "../../support/tensorBoardReader.ts";
import { readWandbRecords } from "../../support/wandbReader.ts";

/** Everything that a run has found out, as text, by where it stands; wall times are left out. */
export type Results = Readonly<Record<string, string>>;

/** Marks what a process has gone on from. */
const resumedFrom = "resumed from ";

const isTime = (name: string): boolean => /second|speed|time/i.test(name);

/** What a finished run leaves. Two that were carried out alike have the same, to the last bit. */
export function resultsOf(run: string): Results {
  return {
    ...checkpointResults(run),
    "metrics.jsonl": JSON.stringify(numbersOf(run)),
    "metrics.csv": JSON.stringify(csvNumbers(run)),
    tensorboard: JSON.stringify(tensorBoardNumbers(run)),
    wandb: JSON.stringify(wandbNumbers(run)),
    summary: JSON.stringify(readManifest(run).summary),
  };
}

/**
 * @throws {Error} naming what differs, with the first place. Checkpoints that only `actual` has are no
 *   difference where they were resumed from: such a one stays for as long as its fit
 */
export function compareResults(run: string, actual: Results, expected: Results): void {
  const names = Object.keys(actual).filter((name) => !name.startsWith(resumedFrom));
  for (const name of new Set([...Object.keys(expected), ...names])) {
    if (expected[name] === undefined && actual[`${resumedFrom}${name}`] !== undefined) continue;
    const [got = "nothing", wanted = "nothing"] = [actual[name], expected[name]];
    if (got === wanted) continue;
    let at = 0;
    while (got[at] === wanted[at]) at++;
    const near = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
    throw new Error(
      `Cannot accept ${run}: ${name} differs from that of a run that was left alone, expected …${near(wanted)}…, got …${near(got)}…`,
    );
  }
}

/** Hashes of all tensors of the checkpoints that are kept, and which these are. */
function checkpointResults(run: string): Results {
  const folder = path.join(run, "checkpoints");
  const pointers = (["last", "best"] as const).map((name) => [name, readPointer(folder, name)]);
  const checkpoints = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const { files, progress } = readCheckpointContent(path.join(folder, name));
      return [`checkpoints/${name}`, JSON.stringify([progress.step, files])] as const;
    });
  const resumes = readManifest(run).resumes.flatMap(({ step }) =>
    step === undefined ? [] : [[`${resumedFrom}checkpoints/${checkpointName(step)}`, ""] as const],
  );
  return {
    ...Object.fromEntries([...resumes, ...checkpoints]),
    pointers: JSON.stringify(pointers),
  };
}

/** All that was logged, in order, without times. Pictures are in it by their content's hash. */
function numbersOf(run: string): unknown[] {
  return readRecords(run).map((record) => {
    if (record.kind === "images") checkPictures(run, record.images);
    const numbers = record.kind === "metrics" ? { metrics: withoutTimes(record.metrics) } : {};
    return { ...record, ...numbers, wallTimeSeconds: 0 };
  });
}

function checkPictures(run: string, images: readonly { file: string; sha256: string }[]): void {
  for (const { file, sha256 } of images) {
    const actual = createHash("sha256").update(readFileSync(path.join(run, file)));
    if (actual.digest("hex") !== sha256)
      throw new Error(`Cannot accept ${run}: ${file} is another`);
  }
}

const withoutTimes = (metrics: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(metrics)
    .filter(([name]) => !isTime(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

function csvNumbers(run: string): unknown[] {
  const file = path.join(run, "metrics.csv");
  if (!existsSync(file)) return [];
  const [heading = "", ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
  const names = heading.split(",");
  return rows.map((row) => {
    const cells = row.split(",").map((cell, i): [string, string] => [names[i]!, cell]);
    return withoutTimes(Object.fromEntries(cells.filter(([, cell]) => cell !== "")));
  });
}

const sessionStart = 1;

/** A value as TensorBoard shows it. */
export interface ShownValue {
  readonly tag: string;
  readonly step: number;
  readonly value: Pick<ReadValue, "floats" | "doubles" | "strings">;
}

/** All values: what was logged after the step of a later session's start is left out. */
export function shownByTensorBoard(folder: string): ShownValue[] {
  const shown = new Map<string, ShownValue>();
  const events = readdirSync(folder)
    .toSorted()
    .flatMap((name) => readEventFile(path.join(folder, name), { mayBeTorn: true }));
  for (const { step, values, sessionStatus } of events) {
    if (sessionStatus === sessionStart) {
      for (const [key, old] of shown) if (old.step >= step) shown.delete(key);
    }
    for (const value of values) {
      shown.set(JSON.stringify([value.tag, step]), { tag: value.tag, step, value });
    }
  }
  return [...shown].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Those that are no times. */
function tensorBoardNumbers(run: string): unknown[] {
  const folder = path.join(run, "tensorboard");
  if (!existsSync(folder)) return [];
  return shownByTensorBoard(folder)
    .filter(({ tag }) => !isTime(tag) && !/^(_hparams_|custom_scalars)/.test(tag))
    .map(({ tag, step, value: { floats, strings } }) => {
      return { tag, step, value: [floats, strings.map((bytes) => bytes.toString("base64"))] };
    });
}

/** As W&B has them when all processes' logs are synced in their order. */
function wandbNumbers(run: string): unknown[] {
  const folder = path.join(run, "wandb");
  if (!existsSync(folder)) return [];
  const rows = new Map<number, Record<string, string>>();
  const names = readdirSync(folder).filter((name) => name.startsWith("offline-run-"));
  for (const name of names.toSorted()) {
    const log = readdirSync(path.join(folder, name)).find((file) => file.endsWith(".wandb"));
    if (log === undefined) continue;
    for (const { kind, items } of readWandbRecords(path.join(folder, name, log), {
      mayBeTorn: true,
    })) {
      if (kind !== "history") continue;
      const step = Number(items["_step"]);
      rows.set(step, { ...rows.get(step), ...items });
    }
  }
  return [...rows]
    .toSorted(([a], [b]) => a - b)
    .map(([step, items]) => [step, withoutTimes(items).filter(([key]) => !key.startsWith("_"))]);
}
