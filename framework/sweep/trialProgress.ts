import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";

import { metricsFileName } from "../tracking/metricsFile.ts";
import { isRecord } from "../tracking/parameters.ts";

/** How far a run is, by what it has logged. */
export interface TrialProgress {
  /** Optimizer steps. */
  readonly step: number;
  /** The last training loss that was logged, if it is near the end of the file. */
  readonly loss?: number;
}

/** Bytes of the file's end that are looked at, so that it takes no longer when a run is long. */
const tailBytes = 1 << 14;

/** @returns undefined before the run has logged something */
export function readTrialProgress(runFolder: string): TrialProgress | undefined {
  const file = path.join(runFolder, metricsFileName);
  if (!existsSync(file)) return undefined;
  const records = readTail(file).split("\n").map(parseLine).filter(isRecord);
  const step = records.map((record) => record["step"]).findLast((each) => typeof each === "number");
  if (step === undefined) return undefined;
  const loss = records.map(lossOf).findLast((each) => each !== undefined);
  return { step, ...(loss !== undefined && { loss }) };
}

function lossOf({ metrics }: Record<string, unknown>): number | undefined {
  const loss = isRecord(metrics) ? metrics["train/loss"] : undefined;
  return typeof loss === "number" ? loss : undefined;
}

function readTail(file: string): string {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8");
  } finally {
    closeSync(handle);
  }
}

/** Lines that the tail or a write has cut are passed over. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
