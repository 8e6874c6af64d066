import { formatBytes } from "../format/number.ts";

const parts = ["git", "host", "environment", "versions", "data"];

/** What a manifest says of code, machine and packages, with dotted names. */
export function environmentRows(manifest: Readonly<Record<string, unknown>>): [string, string][] {
  return parts.flatMap((part) => rows(part, manifest[part]));
}

function rows(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [[name, value.map(String).join(" ")]];
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) => rows(`${name}.${key}`, inner));
  }
  if (typeof value === "number" && name.endsWith("Bytes")) return [[name, formatBytes(value)]];
  return [[name, JSON.stringify(value).replaceAll(/^"|"$/g, "")]];
}
