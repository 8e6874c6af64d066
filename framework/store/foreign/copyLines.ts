import path from "node:path";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { consoleFileName } from "../../tracking/consoleLog.ts";
import { nonFiniteWord } from "../../tracking/jsonNumber.ts";
import { systemFileName } from "../../tracking/systemLog.ts";
import type { ForeignRun } from "./foreignRun.ts";

/** Writes what a run has printed and what its machine was doing, where there is some. */
export function copyLines(folder: string, run: ForeignRun): void {
  const files = [
    [consoleFileName, run.readConsole()],
    [systemFileName, run.readSystem()],
  ] as const;
  for (const [name, values] of files)
    if (values.length > 0) writeChunksAtomic(path.join(folder, name), lines(values));
}

function* lines(values: readonly object[]): Generator<Uint8Array> {
  for (const value of values) yield Buffer.from(`${JSON.stringify(value, withWords)}\n`);
}

/** JSON has no NaN and no infinities. */
function withWords(_key: string, value: unknown): unknown {
  return (typeof value === "number" ? nonFiniteWord(value) : undefined) ?? value;
}
