import { readPromptWeights } from "./promptWeights.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** As many tokens as the text encoder takes at once. */
export interface PromptChunk {
  /** Start token, text, end token, pad tokens. */
  readonly ids: Int32Array;
  /** How much each token's features count; 1 for all but the text's. */
  readonly weights: Float32Array;
}

export interface PromptChunksOptions {
  /** Tokens of a chunk, start and end token included. */
  length: number;
  /** Whether brackets are weights, as `readPromptWeights` has it. Default: true. */
  weighted?: boolean;
}

/**
 * Cuts a prompt of any length into chunks that the text encoder takes: each is a text of its own,
 * with start and end token, and their features are joined.
 *
 * @returns at least one
 * @throws {RangeError} when the tokenizer lacks start, end or pad token, or there is no room
 */
export function promptChunks(
  tokenizer: Tokenizer,
  prompt: string,
  { length, weighted = true }: PromptChunksOptions,
): PromptChunk[] {
  const { start, end, pad } = tokenizer.ids;
  if (start === undefined || end === undefined || pad === undefined || length < 3) {
    throw new RangeError(
      `Cannot cut a prompt into chunks of ${length}: expected a tokenizer with start, end and pad token and room for text`,
    );
  }
  const sections = weighted ? readPromptWeights(prompt) : [[{ text: prompt, weight: 1 }]];
  return sections.flatMap((pieces) => {
    const tokens = pieces.flatMap(({ text, weight }) =>
      tokenizer.textIds(text).map((id) => ({ id, weight })),
    );
    return inParts(tokens, length - 2).map((part) => {
      const ids = new Int32Array(length).fill(pad);
      ids.set([start, ...part.map(({ id }) => id), end]);
      const weights = new Float32Array(length).fill(1);
      weights.set(
        part.map(({ weight }) => weight),
        1,
      );
      return { ids, weights };
    });
  });
}

/** At least one part, the last of which may be shorter. */
function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.max(1, Math.ceil(items.length / size));
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
