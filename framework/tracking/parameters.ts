import { createHash } from "node:crypto";

import { nonFiniteWord } from "./jsonNumber.ts";

/** Settings of a run as nested plain values. */
export type Parameters = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Nested settings as one level, keys joined by dots. Lists and nulls become JSON text, numbers
 * that are not finite their word.
 */
export function flattenParameters(parameters: Parameters): Map<string, string | number | boolean> {
  const flat = new Map<string, string | number | boolean>();
  const visit = (value: unknown, key: string): void => {
    if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value))
        visit(inner, key ? `${key}.${name}` : name);
    } else if (typeof value === "number") flat.set(key, nonFiniteWord(value) ?? value);
    else if (typeof value === "string" || typeof value === "boolean") flat.set(key, value);
    else if (value !== undefined) flat.set(key, JSON.stringify(value));
  };
  for (const [name, value] of Object.entries(parameters)) visit(value, name);
  return flat;
}

/** JSON text in which the order of keys does not matter. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) {
    const word = typeof value === "number" ? nonFiniteWord(value) : undefined;
    return JSON.stringify(word ?? value) ?? "null";
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}

/** Hexadecimal SHA-256 of `canonicalJson(value)`. */
export function hashParameters(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
