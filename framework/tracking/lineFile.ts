import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync } from "node:fs";

import { readLines } from "../base/readLines.ts";
import { AppendFile } from "./appendFile.ts";

/** Opens a file of lines to go on with it. A last line without its end, which a killed process left, is cut off. */
export function openLineFile(file: string): AppendFile {
  if (existsSync(file)) truncateSync(file, lengthOfLines(file));
  return new AppendFile(file);
}

/**
 * Values of a file with one JSON value a line; none when there is no file. Lines that are no JSON, or
 * that `parse` does not know, are passed over: such as the last one of a file that is being written.
 */
export function readLineFile<T>(file: string, parse: (value: unknown) => T | undefined): T[] {
  if (!existsSync(file)) return [];
  const values: T[] = [];
  for (const line of readLines(file)) {
    const value = parseLine(line, parse);
    if (value !== undefined) values.push(value);
  }
  return values;
}

const lineEnd = 10;
const chunkBytes = 1 << 16;

/** Bytes up to the last line end. */
function lengthOfLines(file: string): number {
  const handle = openSync(file, "r");
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (let end = fstatSync(handle).size; end > 0;) {
      const start = Math.max(0, end - chunkBytes);
      const length = readSync(handle, chunk, 0, end - start, start);
      const found = chunk.subarray(0, length).lastIndexOf(lineEnd);
      if (found >= 0) return start + found + 1;
      end = start;
    }
    return 0;
  } finally {
    closeSync(handle);
  }
}

function parseLine<T>(line: string, parse: (value: unknown) => T | undefined): T | undefined {
  try {
    return parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
