import { InputError } from "../base/errors.ts";
import type { JsonObject, JsonValue } from "../base/json.ts";

export interface TrimmedTokenizer {
  /** Content of the smaller `tokenizer.json`. */
  readonly tokenizer: JsonObject;
  /** Old ids of the entries that stay, in growing order; their places are the new ids. */
  readonly kept: readonly number[];
}

type Pair = readonly [left: string, right: string];

/**
 * A byte-pair encoding with its most used entries alone. Added tokens and single letters stay, so
 * that every text can still be written, and with an entry those that it is merged from: a text of
 * entries that stay is cut into the same ones as before.
 *
 * @param tokenizer content of `tokenizer.json`
 * @param counts how often each id is used in the texts that matter; ids beyond them are not
 * @param size most entries that stay; fewer do where no more are used
 * @throws {InputError} when it is no byte-pair encoding
 * @throws {RangeError} when what has to stay is more than `size`
 */
export function trimTokenizer(
  tokenizer: object,
  counts: ArrayLike<number>,
  size: number,
): TrimmedTokenizer {
  const content = contentOf(tokenizer);
  const { whole, model, vocab, merges, added } = content;
  const kept = entriesToKeep(content, counts, size);
  const ids = new Map([...vocab, ...added.map(({ content: token, id }) => [token, id] as const)]);
  const stays = [...ids].filter(([entry]) => kept.has(entry)).toSorted(([, a], [, b]) => a - b);
  const placeOf = new Map(stays.map(([, id], place) => [id, place]));
  const entries = stays.filter(([entry]) => vocab.has(entry));
  const trimmed: JsonObject = {
    ...whole,
    added_tokens: added.map((token) => ({ ...token, id: placeOf.get(token.id)! })),
    post_processor: renamed(whole["post_processor"] ?? null, placeOf),
    model: {
      ...model,
      vocab: Object.fromEntries(entries.map(([entry, id]) => [entry, placeOf.get(id)!])),
      merges: merges
        .filter(([left, right]) => [left, right, left + right].every((entry) => kept.has(entry)))
        .map((pair) => [...pair]),
    },
  };
  return { tokenizer: trimmed, kept: stays.map(([, id]) => id) };
}

function entriesToKeep(
  { vocab, merges, added }: Content,
  counts: ArrayLike<number>,
  size: number,
): Set<string> {
  const madeFrom = new Map<string, Pair>();
  for (const pair of merges) {
    const made = pair[0] + pair[1];
    if (!madeFrom.has(made)) madeFrom.set(made, pair);
  }
  const kept = new Set(added.map(({ content }) => content));
  for (const entry of vocab.keys()) if (!madeFrom.has(entry)) kept.add(entry);
  if (kept.size > size) {
    throw new RangeError(
      `Cannot trim a tokenizer to ${size} entries: expected at least ${kept.size}, its added tokens and letters`,
    );
  }
  const countOf = (id: number): number => counts[id] ?? 0;
  const used = [...vocab].filter(([, id]) => countOf(id) > 0);
  for (const [entry] of used.toSorted(([, a], [, b]) => countOf(b) - countOf(a) || a - b)) {
    const missing = missingParts(entry, madeFrom, kept);
    if (kept.size + missing.size <= size) for (const each of missing) kept.add(each);
  }
  return kept;
}

/** An entry and what it is merged from, as far as these do not stay yet. */
function missingParts(
  entry: string,
  madeFrom: ReadonlyMap<string, Pair>,
  kept: ReadonlySet<string>,
): Set<string> {
  const missing = new Set<string>();
  const open = [entry];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (kept.has(next) || missing.has(next)) continue;
    missing.add(next);
    open.push(...(madeFrom.get(next) ?? []));
  }
  return missing;
}

type AddedToken = JsonObject & { id: number; content: string };

interface Content {
  readonly whole: JsonObject;
  readonly model: JsonObject;
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly Pair[];
  readonly added: readonly AddedToken[];
}

function contentOf(tokenizer: object): Content {
  const whole: JsonObject = { ...tokenizer };
  const model: JsonObject = Object(whole["model"]);
  const { vocab, merges } = model;
  if (model["type"] !== "BPE" || typeof vocab !== "object" || !Array.isArray(merges)) {
    throw new InputError(
      `Cannot trim a tokenizer: expected a byte-pair encoding with vocab and merges, got type ${JSON.stringify(model["type"])}`,
    );
  }
  const listed = whole["added_tokens"];
  const added = Array.isArray(listed) ? listed.filter(isAddedToken) : [];
  return {
    ...{ whole, model, added },
    vocab: new Map(Object.entries(vocab ?? {}).map(([entry, id]) => [entry, Number(id)])),
    merges: merges.map(pairOf),
  };
}

function isAddedToken(token: JsonValue): token is AddedToken {
  return typeof token === "object" && token !== null && "id" in token && "content" in token;
}

/** Older files write a pair as one text with a space, newer ones as a list. */
function pairOf(merge: unknown): Pair {
  const parts: unknown[] = typeof merge === "string" ? merge.split(" ") : Object(merge);
  const [left, right] = parts;
  if (parts.length === 2 && typeof left === "string" && typeof right === "string") {
    return [left, right];
  }
  throw new InputError(
    `Cannot trim a tokenizer: expected merges of two entries, got ${JSON.stringify(merge)}`,
  );
}

/** A post-processor whose special tokens have their new ids. */
function renamed(value: JsonValue, placeOf: ReadonlyMap<number, number>): JsonValue {
  if (Array.isArray(value)) return value.map((each) => renamed(each, placeOf));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, JsonValue] =>
    key === "ids" && Array.isArray(each)
      ? [key, each.map((id) => placeOf.get(Number(id)) ?? null)]
      : [key, renamed(each, placeOf)],
  );
  return Object.fromEntries(entries);
}
