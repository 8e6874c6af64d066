/** Where a value was written: a file and its line, or the command line. */
export interface Origin {
  /** Path as the user may open it, or `command line`. */
  readonly file: string;
  /** Counted from 1; missing when the place is not a file. */
  readonly line?: number;
}

export interface SpecScalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written, so that `1.0` can be told from `1`. */
  readonly source: string;
  readonly origin: Origin;
}

export interface SpecList {
  readonly kind: "list";
  readonly items: SpecNode[];
  readonly origin: Origin;
}

export interface SpecMapping {
  readonly kind: "mapping";
  /** Each value's origin is that of its key. */
  readonly entries: Map<string, SpecNode>;
  readonly origin: Origin;
}

/** A value of a spec that still knows where it came from. */
export type SpecNode = SpecMapping | SpecList | SpecScalar;

/** `configs/dreambooth.yaml:12` or `command line`. */
export function describeOrigin({ file, line }: Origin): string {
  return line === undefined ? file : `${file}:${line}`;
}

export function mapping(origin: Origin, entries: Iterable<[string, SpecNode]> = []): SpecMapping {
  return { kind: "mapping", entries: new Map(entries), origin };
}

export function scalar(value: SpecScalar["value"], origin: Origin): SpecScalar {
  return { kind: "scalar", value, source: String(value), origin };
}

/** Lays `over` on `under`: mappings merge key by key, anything else replaces what it covers. */
export function merge(under: SpecMapping, over: SpecMapping): SpecMapping {
  const merged = mapping(over.origin, under.entries);
  for (const [key, value] of over.entries) {
    const below = under.entries.get(key);
    const both = below?.kind === "mapping" && value.kind === "mapping";
    merged.entries.set(key, both ? merge(below, value) : value);
  }
  return merged;
}

/** The same values in containers of their own. */
export function copyNode(node: SpecMapping): SpecMapping;
export function copyNode(node: SpecNode): SpecNode;
export function copyNode(node: SpecNode): SpecNode {
  if (node.kind === "list") return { ...node, items: node.items.map((item) => copyNode(item)) };
  if (node.kind === "scalar") return node;
  return mapping(
    node.origin,
    [...node.entries].map(([key, value]) => [key, copyNode(value)]),
  );
}

/** The bare values, without origins. */
export function toPlain(node: SpecNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toPlain);
    case "mapping":
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, toPlain(value)]));
  }
}

/** Splits a JSON pointer (RFC 6901) into keys; the empty pointer is the whole document. */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Joins keys to a JSON pointer (RFC 6901). */
export function toPointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function child(node: SpecNode, key: string): SpecNode | undefined {
  if (node.kind === "mapping") return node.entries.get(key);
  return node.kind === "list" ? node.items[Number(key)] : undefined;
}

/** The node at a path, or its nearest ancestor: values filled in by defaults have no node. */
export function nodeAt(root: SpecNode, keys: readonly string[]): SpecNode {
  let node = root;
  for (const key of keys) {
    const next = child(node, key);
    if (!next) return node;
    node = next;
  }
  return node;
}
