import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { decodeImage } from "../../../framework/data/image.ts";
import { verifyCheckpoint } from "../../../framework/training/checkpoint.ts";
import { readSafetensors } from "../../../framework/weights/safetensors.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";
import { readWandbLog } from "../../support/wandbReader.ts";

/** Reads a file to its end, or throws. */
type Check = (file: string) => unknown;

/** Files that are there whole or not at all, and logs, of which the last record alone may be torn. */
const checks: readonly (readonly [RegExp, Check])[] = [
  [/^(?!.*run-index).*\.jsonl(\.bak)?$/, checkLines], // the index may have torn lines, and passes over them
  [/\.json$/, (file) => JSON.parse(readFileSync(file, "utf8"))],
  [/\.ya?ml$/, (file) => parse(readFileSync(file, "utf8"))],
  [/\.png$/, (file) => decodeImage(readFileSync(file), file)],
  [/\.safetensors$/, (file) => readSafetensors(file)],
  [/tfevents/, (file) => readEventFile(file, { mayBeTorn: true })],
  [/\.wandb$/, (file) => readWandbLog(file, { mayBeTorn: true })],
  [/\.csv$/, checkCsv],
];

/** What a process that was killed may leave beside whole files; the next one removes it. */
export const isLeftOver = (file: string): boolean => /(^|\/)\.[^/]*\.tmp(\/|$)|\.tmp$/.test(file);

/** All files below a folder, by their path in it. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/**
 * Reads every file below a folder as what its name says.
 *
 * @throws {Error} naming the first that is neither whole nor absent
 */
export async function checkWholeFiles(folder: string): Promise<void> {
  const files = filesBelow(folder).filter((file) => !isLeftOver(file));
  for (const name of files) {
    const file = path.join(folder, name);
    const [, check] = checks.find(([pattern]) => pattern.test(name)) ?? [];
    await named(file, () => check?.(file));
  }
  const checkpoints = files.filter((name) => path.basename(name) === "trainer.json");
  for (const name of checkpoints) {
    const checkpoint = path.join(folder, path.dirname(name));
    await named(checkpoint, () => verifyCheckpoint(checkpoint));
  }
}

async function named(file: string, check: () => unknown): Promise<void> {
  try {
    await check();
  } catch (cause) {
    throw new Error(`Cannot accept ${file}: it is neither whole nor absent`, { cause });
  }
}

function checkLines(file: string): void {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  for (const line of lines) if (line !== "") JSON.parse(line);
}

function checkCsv(file: string): void {
  const [heading = "", ...rows] = readFileSync(file, "utf8").split("\n").slice(0, -1);
  const columns = heading.split(",").length;
  const odd = rows.find((row) => row.split(",").length !== columns);
  if (odd !== undefined) throw new Error(`expected ${columns} columns, got ${odd}`);
}
