import { InputError } from "../base/errors.ts";
import { bytesOfEntry } from "./byteAlphabet.ts";

interface Content {
  readonly model?: { readonly vocab?: Readonly<Record<string, number>> };
  readonly added_tokens?: readonly { id: number; content: string; special?: boolean }[];
  readonly decoder?: Decoder | null;
}

interface Decoder {
  readonly type?: string;
  readonly decoders?: readonly Decoder[];
}

/**
 * The bytes that each token adds to a text; undefined for special tokens, which add none, and for ids
 * that no token has.
 *
 * @param tokenizer content of `tokenizer.json`: of a byte-level vocabulary, or of one that writes a
 *   space as U+2581 and single bytes as `<0x0A>`
 * @throws {InputError} for others
 */
export function tokenBytes(tokenizer: object): (Uint8Array | undefined)[] {
  const { model, added_tokens: added = [], decoder }: Content = tokenizer;
  const vocabulary = Object.entries(model?.vocab ?? {});
  const read = reader(decoder);
  const ids = [...vocabulary.map(([, id]) => id), ...added.map(({ id }) => id)];
  const size = ids.reduce((most, id) => Math.max(most, id + 1), 0);
  const entries = Array.from({ length: size }, (): Uint8Array | undefined => undefined);
  const own = new Set(added.map(({ content }) => content));
  for (const [entry, id] of vocabulary) if (!own.has(entry)) entries[id] = read(entry);
  const encoder = new TextEncoder();
  for (const { id, content, special = false } of added) {
    entries[id] = special ? undefined : encoder.encode(content);
  }
  return entries;
}

/**
 * Most bytes of a text that one token stands for, special ones included; of a text as it is after the
 * tokenizer's normalizer, where there is one.
 *
 * @param tokenizer content of `tokenizer.json`
 * @throws {InputError} as {@link tokenBytes}
 */
export function longestTokenBytes(tokenizer: object): number {
  const { added_tokens: added = [] }: Content = tokenizer;
  const spelled = added.map(({ content }) => Buffer.byteLength(content));
  const own = tokenBytes(tokenizer).map((bytes) => bytes?.length ?? 0);
  return [...spelled, ...own].reduce((most, length) => Math.max(most, length), 1);
}

function reader(decoder: Decoder | null | undefined): (entry: string) => Uint8Array {
  const kinds = new Set(kindsOf(decoder));
  if (kinds.has("ByteLevel")) return bytesOfEntry;
  if (kinds.has("ByteFallback") || kinds.has("Metaspace")) return bytesOfPiece;
  throw new InputError(
    `Cannot read the bytes of tokens: expected a decoder of bytes (ByteLevel, ByteFallback or Metaspace), got ${[...kinds].join(", ") || "none"}`,
  );
}

const kindsOf = (decoder: Decoder | null | undefined): string[] =>
  decoder ? [decoder.type ?? "", ...(decoder.decoders ?? []).flatMap(kindsOf)] : [];

function bytesOfPiece(entry: string): Uint8Array {
  const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(entry) ?? [];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return new TextEncoder().encode(entry.replaceAll("▁", " "));
}
