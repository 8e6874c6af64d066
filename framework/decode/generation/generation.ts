import type { Logits } from "../decodeEngine.ts";
import type { Replacements } from "../decodeModel.ts";
import type { LogitsProcessor } from "../logitsProcessors/index.ts";
import type { PrefixCache } from "../prefixCache.ts";
import type { PromptLookupOptions } from "../speculation/promptLookup.ts";
import type { SpeculationTarget } from "../speculation/speculativeDecoder.ts";
import type { TokenLogProbability } from "./tokenChooser.ts";

/** What texts are generated with: `DecodeEngine`, or what has its calls. */
export interface GenerationTarget extends SpeculationTarget {
  readonly rows: number;
  /** Most tokens of a text; Infinity where it has no end. */
  readonly capacity: number;
  /** Whether tokens can be taken back at any time. */
  readonly isRewindable: boolean;
  feed(
    row: number,
    tokens: readonly number[],
    options?: { logitsFrom?: number; replacements?: Replacements },
  ): Promise<Logits>;
  step(rows: readonly { readonly row: number; readonly token: number }[]): Promise<Logits>;
  reset(row: number): Promise<void>;
}

export interface GenerationPrompt {
  readonly tokens: readonly number[];
  /** Embeddings of some of the tokens, for an engine that takes them. */
  readonly replacements?: Replacements;
  /**
   * What tells the tokens of this text from others' for a cache of prefixes, as many as tokens: equal
   * keys have equal tokens and embeddings. Default: the tokens; with replacements, no cache is used.
   */
  readonly prefixKeys?: readonly number[];
  /** Most tokens that are added to this text. Default: as for all. */
  readonly maxNewTokens?: number;
}

export interface GenerateOptions {
  /** Texts to go on from, at least one token each. There may be more than the engine has rows. */
  readonly prompts: readonly (readonly number[] | GenerationPrompt)[];
  /** Most tokens that are added to a text. */
  readonly maxNewTokens: number;
  /** Tokens that end a text. */
  readonly stopTokens?: readonly number[];
  /** Asked after each token, with all that were added: whether the text is complete. */
  readonly isComplete?: (added: readonly number[], text: number) => boolean;
  /**
   * Change logits before a token is chosen, in this order; or what gives those of a text. They are
   * functions of logits and tokens alone.
   */
  readonly processors?:
    | readonly LogitsProcessor[]
    | ((prompt: readonly number[], text: number) => readonly LogitsProcessor[]);
  /**
   * Tokens are drawn by their probabilities, with random numbers of the seed and the text's number.
   * Default: always the likeliest token.
   */
  readonly seed?: number;
  /** How many of the likeliest tokens are reported with each. Default: none, nor its own. */
  readonly logProbabilities?: number;
  /**
   * Guesses several tokens at a time from what a text said before. Tokens are distributed as
   * without: each is accepted or drawn anew by the probabilities that processors leave.
   */
  readonly speculation?: PromptLookupOptions & { readonly proposals?: number };
  /** Of the same engine: beginnings that were computed before are not computed again. */
  readonly prefixes?: PrefixCache;
  /** Ends the generation, between two runs of the engine. */
  readonly signal?: AbortSignal;
}

/**
 * Why a text ended: with one of the stop tokens, as `isComplete` said, after `maxNewTokens`, or
 * because the engine has no room for more.
 */
export type FinishReason = "stopToken" | "complete" | "length" | "capacity";

export interface GeneratedToken {
  /** Number of the prompt. */
  readonly text: number;
  readonly token: number;
  readonly logProbability?: TokenLogProbability | undefined;
  /** With the last token of a text; a stop token is not part of it. */
  readonly finishReason?: FinishReason | undefined;
  /** Tokens of the prompt that were known beforehand. */
  readonly cachedTokens: number;
}
