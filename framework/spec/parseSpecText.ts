import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

import { SpecError } from "../base/errors.ts";
import { describeOrigin, mapping, toPointer } from "./specNode.ts";
import type { Origin, SpecNode, SpecScalar } from "./specNode.ts";

/** Aliases may repeat a value; a file that unfolds to more values than this is an attack. */
const maxValues = 100_000;

/** Keys that would reach an object's prototype. */
export const forbiddenKeys: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

interface Reader {
  readonly document: Document;
  origin(node: { range?: readonly number[] | null | undefined }): Origin;
  /** Alias targets on the way down, to refuse one that contains itself. */
  readonly open: Set<Node>;
  values: number;
}

/**
 * Reads YAML 1.2 text into values that know their line.
 *
 * @param file what errors call the text: a path, or `command line`
 * @param above keys above the text, when it is the value of one
 * @throws {SpecError} on broken syntax, duplicate, non-text or prototype keys, endless or exploding
 *   aliases, unknown tags, integers beyond 2^53, several documents
 */
export function parseSpecText(text: string, file: string, above: readonly string[] = []): SpecNode {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  const isFile = above.length === 0;
  const at = (offset: number): Origin =>
    isFile ? { file, line: lineCounter.linePos(offset).line } : { file };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken) {
    const isDeep = /call stack/.test(broken.message); // of the library
    const problem = isDeep ? "expected less nesting, got more than there is stack" : broken.message;
    throw new SpecError(describeOrigin(at(broken.pos[0])), toPointer(above), problem);
  }
  const reader: Reader = {
    document,
    origin: (node) => at(node.range?.[0] ?? 0),
    open: new Set(),
    values: 0,
  };
  return readNode(reader, document.contents, above, at(0));
}

function fail(origin: Origin, keys: readonly string[], problem: string): never {
  throw new SpecError(describeOrigin(origin), toPointer(keys), problem);
}

/** @param origin of the key or list item that holds the node */
function readNode(
  reader: Reader,
  node: Node | null,
  keys: readonly string[],
  origin: Origin,
): SpecNode {
  if (++reader.values > maxValues) {
    fail(origin, keys, `expected at most ${maxValues} values, got more once aliases are unfolded`);
  }
  if (node === null) return { kind: "scalar", value: null, source: "", origin };
  if (isAlias(node)) return readAlias(reader, node.resolve(reader.document), keys, origin);
  if (isScalar(node)) return readScalar(node.value, node.source ?? "", keys, origin);
  reader.open.add(node);
  const result = isMap(node) ? readMap(reader, node, keys, origin) : undefined;
  const list: SpecNode[] = [];
  if (isSeq<Node | null>(node)) {
    for (const [i, item] of node.items.entries()) {
      const at = item ? reader.origin(item) : origin;
      list.push(readNode(reader, item, [...keys, String(i)], at));
    }
  }
  reader.open.delete(node);
  return result ?? { kind: "list", items: list, origin };
}

function readAlias(
  reader: Reader,
  target: Node | undefined,
  keys: readonly string[],
  origin: Origin,
): SpecNode {
  if (target === undefined) fail(origin, keys, "expected an anchor written above, got none");
  if (reader.open.has(target)) fail(origin, keys, "expected a value, got an alias inside its own");
  return readNode(reader, target, keys, origin);
}

function readScalar(
  value: unknown,
  source: string,
  keys: readonly string[],
  origin: Origin,
): SpecScalar {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    if (/^[-+]?\d+$/.test(source)) fail(origin, keys, `expected at most 2^53, got ${source}`);
  }
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return { kind: "scalar", value, source, origin };
  }
  return fail(origin, keys, `expected text, a number, true, false or null, got ${source}`);
}

function readMap(reader: Reader, map: YAMLMap, keys: readonly string[], origin: Origin): SpecNode {
  const result = mapping(origin);
  for (const pair of map.items) {
    const { key, at } = readKey(reader, pair, keys, origin);
    if (result.entries.has(key))
      fail(at, [...keys, key], `expected each key once, got "${key}" again`);
    const value = pair.value;
    const node = isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? value : null;
    result.entries.set(key, readNode(reader, node, [...keys, key], at));
  }
  return result;
}

function readKey(
  reader: Reader,
  { key }: Pair,
  keys: readonly string[],
  origin: Origin,
): { key: string; at: Origin } {
  if (!isScalar(key)) fail(origin, keys, "expected text as a key, got a list, mapping or alias");
  const at = reader.origin(key);
  if (typeof key.value !== "string") {
    fail(
      at,
      keys,
      `expected text as a key, got ${key.source ?? "nothing"}; quote it if it is meant`,
    );
  }
  if (forbiddenKeys.has(key.value)) fail(at, keys, `expected another key, got "${key.value}"`);
  return { key: key.value, at };
}
