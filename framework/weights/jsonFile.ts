import { readFileSync } from "node:fs";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";

/** A JSON object as it stands in its file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Begins texts that stand for numbers which JSON has no words for; no text of a file does. */
const mark = "\0";
const words = new Set(["Infinity", "-Infinity", "NaN"]);

/** Texts, which stay, and the words outside of them that Python writes for such numbers. */
const bareWords = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])(?:-?Infinity|NaN)(?!\w)/g;
const markedWords = /"\\u0000(-?Infinity|NaN)"/g;

/**
 * Reads JSON as Python's `json` does, which also knows `Infinity`, `-Infinity` and `NaN`: settings
 * that diffusers writes can hold them.
 *
 * @throws {SyntaxError} when it is no JSON
 */
export function parsePythonJson(text: string): unknown {
  const marked = text.replace(bareWords, (found) =>
    found.startsWith('"') ? found : JSON.stringify(mark + found),
  );
  return JSON.parse(marked, (_key, value: unknown) => {
    const isMarked = typeof value === "string" && value.startsWith(mark);
    return isMarked && words.has(value.slice(1)) ? Number(value.slice(1)) : value;
  });
}

/** The text that {@link parsePythonJson} reads. */
export function pythonJson(value: object): string {
  const isWord = (each: unknown): boolean => typeof each === "number" && !Number.isFinite(each);
  const text = JSON.stringify(
    value,
    (_key, each: unknown) => (isWord(each) ? mark + String(each) : each),
    2,
  );
  return `${text.replace(markedWords, "$1")}\n`;
}

/** @throws {InputError} naming the file */
export function readJsonObject(file: string): JsonObject {
  let value: unknown;
  try {
    value = parsePythonJson(readFileSync(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read ${file}: ${reason}`, { cause });
  }
  if (isJsonObject(value)) return value;
  throw new InputError(`Cannot read ${file}: expected a JSON object, got ${JSON.stringify(value)}`);
}

/** Writes it whole or not at all. */
export function writeJsonObject(file: string, value: object): void {
  writeFileAtomic(file, pythonJson(value));
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
