import { toUSVString } from "node:util";

import { nonFiniteWord } from "../jsonNumber.ts";
import { itemPath, type WandbItem } from "./proto.ts";

/**
 * A value as W&B's JSON, in which the words NaN and Infinity stand bare. What JSON cannot hold is
 * left out of objects and is null elsewhere; an object inside itself is `"[circular]"`.
 */
export function looseJson(value: unknown): string {
  return textOf(value, []) ?? "null";
}

function textOf(value: unknown, around: readonly object[]): string | undefined {
  if (typeof value === "number") return nonFiniteWord(value) ?? JSON.stringify(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (around.includes(value)) return '"[circular]"';
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return textOf(value.toJSON(), [...around, value]);
  }
  const inner = [...around, value];
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = Array.isArray(value) ? value : Array.from(Object.values(value));
    return `[${list.map((entry: unknown) => textOf(entry, inner) ?? "null").join(",")}]`;
  }
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    const text = textOf(entry, inner);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  return `{${entries.join(",")}}`;
}

/** Text without halves of surrogate pairs, which protobuf's readers refuse. */
export function wellFormed(text: string): string {
  return toUSVString(text);
}

export function itemsOf(entries: Iterable<readonly [key: string, valueJson: string]>): WandbItem[] {
  return Array.from(entries, ([key, valueJson]) => ({ key: wellFormed(key), valueJson }));
}

/** Values under keys; a value is JSON text, or again values under keys. */
export type JsonTree = Map<string, string | JsonTree>;

/** Sets the items' values; what lies under a key that gets a value as a whole goes. */
export function applyItems(tree: JsonTree, items: readonly WandbItem[]): void {
  for (const item of items) {
    const [last = "", ...outer] = itemPath(item).toReversed();
    childOf(tree, outer.toReversed()).set(last, item.valueJson);
  }
}

/** Takes the items' values away. */
export function removeItems(tree: JsonTree, items: readonly WandbItem[]): void {
  for (const item of items) {
    const [last = "", ...outer] = itemPath(item).toReversed();
    childOf(tree, outer.toReversed()).delete(last);
  }
}

function childOf(tree: JsonTree, keys: readonly string[]): JsonTree {
  let inner = tree;
  for (const key of keys) {
    let next = inner.get(key);
    if (next === undefined || typeof next === "string") inner.set(key, (next = new Map()));
    inner = next;
  }
  return inner;
}

export function treeJson(tree: JsonTree): string {
  const entries = [...tree].map(([key, value]) => {
    return `${JSON.stringify(key)}:${typeof value === "string" ? value : treeJson(value)}`;
  });
  return `{${entries.join(",")}}`;
}

/** In front of a word that stood bare, while JSON's own parser is at work. */
const bareMark = "\u0000";

/** Inverse of `looseJson`. @throws {SyntaxError} when the text is no such JSON */
export function parseLooseJson(text: string): unknown {
  return JSON.parse(quoteBareWords(text, bareMark), (_, value: unknown) => {
    return typeof value === "string" && value.startsWith(bareMark)
      ? Number(value.slice(bareMark.length))
      : value;
  });
}

/**
 * A value as `looseJson` writes it, of what JSON itself can hold: NaN and infinities are words.
 *
 * @param change of its text on the way
 */
export function plainValue(value: unknown, change: (text: string) => string): unknown {
  return JSON.parse(quoteBareWords(change(looseJson(value)), ""));
}

function quoteBareWords(text: string, mark: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => {
    return token.startsWith('"') ? token : JSON.stringify(mark + token);
  });
}
