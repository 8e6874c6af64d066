import type { Tokenizer } from "./tokenizer.ts";
import type { TokenizerJson } from "./tokenizerJson.ts";
import { bytePairPattern, escapePattern } from "./trainBytePairs.ts";

export interface PieceEncoderOptions {
  /** The tokenizer's own pattern; by default `bytePairPattern`. */
  pattern?: string;
  /** Reserved tokens, which are found before the pattern. */
  reserved: readonly string[];
}

/**
 * Encodes much text with a tokenizer of `trainBytePairs`, several times faster than text by text:
 * pieces are never merged, so each different one is encoded once.
 *
 * @returns what `textIds` returns
 */
export function pieceEncoder(
  tokenizer: Tokenizer,
  { pattern = bytePairPattern, reserved }: PieceEncoderOptions,
): (text: string) => number[] {
  const known = new Map<string, readonly number[]>();
  const tokens = reserved.map((content) => escapePattern(content));
  const pieces = new RegExp([...tokens, pattern].join("|"), "gu");
  const between = new RegExp(`(${tokens.join("|")})`, "u");
  function idsOf(piece: string): readonly number[] {
    const found = known.get(piece);
    if (found) return found;
    const ids = tokenizer.textIds(piece);
    known.set(piece, ids);
    return ids;
  }
  return (text) => {
    const ids: number[] = [];
    for (const part of tokens.length === 0 ? [text] : text.split(between)) {
      for (const piece of part.match(pieces) ?? []) ids.push(...idsOf(piece));
    }
    return ids;
  };
}

/** Contents of a tokenizer's reserved tokens. */
export function reservedTokensOf({ added_tokens: tokens }: TokenizerJson): string[] {
  return tokens.flatMap((token) => ("content" in token ? [String(token.content)] : []));
}
