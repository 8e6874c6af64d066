import { readFileSync } from "node:fs";

import { InputError } from "../base/errors.ts";

/** A JSON object as it stands in its file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {InputError} naming the file */
export function readJsonObject(file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read ${file}: ${reason}`, { cause });
  }
  if (isJsonObject(value)) return value;
  throw new InputError(`Cannot read ${file}: expected a JSON object, got ${JSON.stringify(value)}`);
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
