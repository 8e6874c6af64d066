import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { parseJson } from "../base/json.ts";
import { isRecord } from "../tracking/parameters.ts";

/** What the processes that run a sweep are asked for. */
export interface SweepWish {
  readonly wish: "run" | "pause" | "stop";
  /** Whether running trials reach their end first. */
  readonly finish: boolean;
}

const goOn: SweepWish = { wish: "run", finish: false };
const fileOf = (folder: string): string => path.join(folder, "sweep.control.json");

/** @param folder of the sweep's runs */
export function writeSweepWish(folder: string, wish: SweepWish): void {
  writeFileAtomic(fileOf(folder), `${JSON.stringify(wish)}\n`);
}

/** To run, where nobody has said otherwise. */
export function readSweepWish(folder: string): SweepWish {
  try {
    return parseSweepWish(readFileSync(fileOf(folder), "utf8")) ?? goOn;
  } catch {
    return goOn;
  }
}

/** What a JSON text asks for; undefined when it is no wish. */
export function parseSweepWish(text: string): SweepWish | undefined {
  const value = parseJson(text);
  return isWish(value) ? value : undefined;
}

/** Forgets what earlier processes were asked for. */
export function clearSweepWish(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}

function isWish(value: unknown): value is SweepWish {
  if (!isRecord(value) || typeof value["finish"] !== "boolean") return false;
  return ["run", "pause", "stop"].some((each) => each === value["wish"]);
}
