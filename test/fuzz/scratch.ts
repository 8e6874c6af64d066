import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const memory = "/dev/shm";
const root = mkdtempSync(path.join(existsSync(memory) ? memory : tmpdir(), "seedbed-fuzz-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

/** A path in a folder that goes with the thread, in memory where the system has a place for that. */
export function scratch(...parts: string[]): string {
  const file = path.join(root, ...parts);
  mkdirSync(path.dirname(file), { recursive: true });
  return file;
}

/** Makes a function that writes an input to a file, whose path it returns. */
export function inFile(...parts: string[]): (content: Uint8Array) => string {
  const file = scratch(...parts);
  return (content) => {
    writeFileSync(file, content);
    return file;
  };
}

const project = path.resolve(import.meta.dirname, "../..");

/** A file of the project. */
export const fixture = (name: string): Uint8Array => readFileSync(path.join(project, name));

const boundary = "\n=====\n";

/** Several texts as one input. */
export const joined = (parts: readonly string[]): Uint8Array => Buffer.from(parts.join(boundary));

/** The texts of an input; of one that has too few, the last are empty. */
export function parted(input: Uint8Array, count: number): string[] {
  const parts = new TextDecoder().decode(input).split(boundary);
  return Array.from({ length: count }, (_, i) => parts[i] ?? "");
}

const mark = Buffer.from("\xff=\xff\xff", "latin1");

/** Several records as one input. */
export const joinedBytes = (records: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(records.flatMap((each, i) => (i === 0 ? [each] : [mark, each])));

export function partedBytes(input: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(input);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + mark.length;
  }
  return [...parts, bytes.subarray(from)];
}
