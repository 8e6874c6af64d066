import { readFileSync } from "node:fs";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { endOfText } from "../base/jsonText.ts";
import { shown } from "../base/shown.ts";

/** A JSON object as it stands in its file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Begins texts that stand for numbers which JSON has no words for; no text of a file does. */
const mark = "\0";
const words = new Set(["Infinity", "-Infinity", "NaN"]);

const bareWords = /(?<![\w.+-])(?:-?Infinity|NaN)(?!\w)/g;
const markedWords = /"\\u0000(-?Infinity|NaN)"/g;

/**
 * Reads JSON as Python's `json` does, which also knows `Infinity`, `-Infinity` and `NaN`: settings
 * that diffusers writes can hold them.
 *
 * @throws {SyntaxError} when it is no JSON
 */
export function parsePythonJson(text: string): unknown {
  if (!/Infinity|NaN/.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(markWords(text), (_key, value: unknown) => {
      const isMarked = typeof value === "string" && value.startsWith(mark);
      return isMarked && words.has(value.slice(1)) ? Number(value.slice(1)) : value;
    });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SyntaxError("it is nested too deeply", { cause });
  }
}

/** Makes texts of the words that Python writes outside of them for such numbers. */
function markWords(text: string): string {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const quote = text.indexOf('"', from);
    const start = quote < 0 ? text.length : quote;
    const end = quote < 0 ? text.length : endOfText(text, quote) + 1;
    const between = text.slice(from, start);
    parts.push(between.replace(bareWords, (word) => JSON.stringify(mark + word)));
    parts.push(text.slice(start, end));
    from = end;
  }
  return parts.join("");
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
  throw new InputError(`Cannot read ${file}: expected a JSON object, got ${shown(value)}`);
}

/** Writes it whole or not at all. */
export function writeJsonObject(file: string, value: object): void {
  writeFileAtomic(file, pythonJson(value));
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
