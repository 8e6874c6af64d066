import { ConstraintError } from "./constraintError.ts";

/**
 * A vocabulary's bytes as a tree, in one walk's order: a node's children follow it, and `after` says
 * where the walk goes on without them.
 *
 * Source of the layout: guidance-ai/llguidance, docs/toktrie.md.
 */
export interface TokenTrie {
  /** Entries of the vocabulary. */
  readonly size: number;
  /** Byte of each node. */
  readonly bytes: Uint8Array;
  /** Nodes above each, from 0. */
  readonly depths: Uint16Array;
  readonly after: Uint32Array;
  /** Node above each; of the first ones, itself. */
  readonly parents: Uint32Array;
  /** All nodes, those of the same byte together. */
  readonly nodesOfByte: Uint32Array;
  /** Where in it the nodes of each byte begin; one more entry at the end. */
  readonly firstOfByte: Uint32Array;
  /** Where in `tokens` each node's own begin; one more entry at the end. */
  readonly firstTokens: Uint32Array;
  readonly tokens: Uint32Array;
  /** Longest token, in bytes. */
  readonly depth: number;
}

interface TrieNode {
  readonly byte: number;
  readonly depth: number;
  readonly tokens: number[];
}

/**
 * @param entries bytes of each token; undefined for one that is no part of a text, such as the end
 * @throws {ConstraintError} when the vocabulary cannot write every text byte by byte: then nothing
 *   can promise to end in time
 */
export function tokenTrie(entries: readonly (Uint8Array | undefined)[]): TokenTrie {
  const ids = [...entries.keys()].filter((id) => (entries[id]?.length ?? 0) > 0);
  ids.sort((a, b) => compareBytes(entries[a]!, entries[b]!) || a - b);
  const nodes: TrieNode[] = [];
  let before: Uint8Array = new Uint8Array();
  for (const id of ids) {
    const bytes = entries[id]!;
    let shared = 0;
    while (shared < before.length && before[shared] === bytes[shared]) shared++;
    for (let depth = shared; depth < bytes.length; depth++) {
      nodes.push({ byte: bytes[depth]!, depth, tokens: [] });
    }
    nodes.at(-1)!.tokens.push(id);
    before = bytes;
  }
  checkBytes(nodes);
  const firstTokens = new Uint32Array(nodes.length + 1);
  for (const [i, { tokens }] of nodes.entries())
    firstTokens[i + 1] = firstTokens[i]! + tokens.length;
  return {
    size: entries.length,
    bytes: Uint8Array.from(nodes, ({ byte }) => byte),
    depths: Uint16Array.from(nodes, ({ depth }) => depth),
    ...relatives(nodes),
    ...byByte(nodes),
    firstTokens,
    tokens: Uint32Array.from(nodes.flatMap(({ tokens }) => tokens)),
    depth: nodes.reduce((most, { depth }) => Math.max(most, depth + 1), 0),
  };
}

function relatives(nodes: readonly TrieNode[]): Pick<TokenTrie, "after" | "parents"> {
  const after = new Uint32Array(nodes.length);
  const parents = new Uint32Array(nodes.length);
  const above: number[] = [];
  for (const [i, { depth }] of nodes.entries()) {
    for (const ended of above.splice(depth)) after[ended] = i;
    parents[i] = above.at(-1) ?? i;
    above.push(i);
  }
  for (const ended of above) after[ended] = nodes.length;
  return { after, parents };
}

function byByte(nodes: readonly TrieNode[]): Pick<TokenTrie, "nodesOfByte" | "firstOfByte"> {
  const firstOfByte = new Uint32Array(257);
  for (const { byte } of nodes) firstOfByte[byte + 1]!++;
  for (let byte = 0; byte < 256; byte++) firstOfByte[byte + 1]! += firstOfByte[byte]!;
  const next = firstOfByte.slice();
  const nodesOfByte = new Uint32Array(nodes.length);
  for (const [i, { byte }] of nodes.entries()) nodesOfByte[next[byte]!++] = i;
  return { nodesOfByte, firstOfByte };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Bytes that UTF-8 has. */
const isTextByte = (byte: number): boolean => byte < 0xc0 || (byte >= 0xc2 && byte <= 0xf4);

function checkBytes(nodes: readonly TrieNode[]): void {
  const single = new Set(
    nodes.filter(({ depth, tokens }) => depth === 0 && tokens.length > 0).map(({ byte }) => byte),
  );
  const missing = Array.from({ length: 256 }, (_, byte) => byte).find(
    (byte) => isTextByte(byte) && !single.has(byte),
  );
  if (missing === undefined) return;
  throw new ConstraintError(
    `expected a vocabulary with a token for each byte, got one without ${missing}`,
  );
}
