import { createHash } from "node:crypto";

import { parse } from "yaml";

import { isRecord } from "../tracking/parameters.ts";
import type { Cell } from "./indexedRun.ts";

/** A spec as one level of dotted keys. */
export type FlatSpec = Readonly<Record<string, Cell>>;

/** Top-level parts that were read before: the runs of a sweep share nearly all of theirs. */
const knownParts = new Map<string, readonly [string, Cell][]>();
const maxKnownParts = 5000;

/**
 * A spec's text as dotted keys; lists become JSON text, but lists of named parts, such as
 * callbacks, mappings by name.
 *
 * @throws {Error} when the text is no YAML mapping
 */
export function readFlatSpec(yamlText: string): FlatSpec {
  return Object.fromEntries(readByParts(yamlText) ?? flattenEntries(parseMapping(yamlText)));
}

/** Nested settings with dotted keys, as `readFlatSpec` has them. */
export function flattenSpec(spec: Readonly<Record<string, unknown>>): FlatSpec {
  return Object.fromEntries(flattenEntries(spec));
}

/** The same for specs that differ in their seed alone, whatever the order of their keys. */
export function groupOf(spec: FlatSpec): string {
  const entries = Object.entries(spec).filter(([key]) => key !== "seed");
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 12);
}

/**
 * Parses every top-level key by itself, which is the same unless an anchor connects two of them.
 *
 * @returns undefined for a text that cannot be cut so
 */
function readByParts(text: string): [string, Cell][] | undefined {
  if (/[&*]\w|^(---|\.\.\.|%)/m.test(text)) return undefined;
  const parts = text.split(/\n(?=[^\s#\-\]}])/);
  const entries: [string, Cell][] = [];
  for (const part of parts) {
    const read = knownParts.get(part) ?? readPart(part);
    if (!read) return undefined;
    entries.push(...read);
  }
  return new Set(entries.map(([key]) => key)).size === entries.length ? entries : undefined;
}

function readPart(part: string): readonly [string, Cell][] | undefined {
  try {
    const entries = flattenEntries(parseMapping(part));
    if (knownParts.size >= maxKnownParts) knownParts.clear();
    knownParts.set(part, entries);
    return entries;
  } catch {
    return undefined;
  }
}

function parseMapping(text: string): Record<string, unknown> {
  const value: unknown = parse(text, { prettyErrors: false, logLevel: "error" });
  if (isRecord(value)) return value;
  throw new TypeError("Cannot read spec: expected a mapping");
}

function flattenEntries(spec: Readonly<Record<string, unknown>>): [string, Cell][] {
  const entries: [string, Cell][] = [];
  const visit = (value: unknown, key: string): void => {
    const inner = isRecord(value) ? Object.entries(value) : [];
    if (inner.length === 0) entries.push([key, toCell(value)]);
    for (const [name, each] of inner) visit(each, `${key}.${name}`);
  };
  for (const [name, value] of Object.entries(spec)) visit(byName(value), name);
  return entries;
}

/** A list of parts, each under its name, as overrides see it: a mapping. */
function byName(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value;
  const isNamed = value.every((part) => isRecord(part) && Object.keys(part).length === 1);
  const merged: Record<string, unknown> = isNamed ? Object.assign({}, ...value) : {};
  return Object.keys(merged).length === value.length ? merged : value;
}

/** What a table can show of a value: itself, or its JSON text. */
export function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return value;
  return JSON.stringify(value) ?? null;
}
