import type { Logits } from "../decodeEngine.ts";
import type { Replacements } from "../decodeModel.ts";
import type { LogitsProcessor } from "../logitsProcessors/index.ts";
import type { PrefixCache } from "../prefixCache.ts";
import type { PromptLookupOptions } from "../speculation/promptLookup.ts";
import { SpeculativeDecoder, type SpeculationTarget } from "../speculation/speculativeDecoder.ts";
import { checkGenerateOptions, promptsOf } from "./generateOptions.ts";
import { meanwhile } from "./meanwhile.ts";
import { feedPart, prefixKeysOf } from "./promptParts.ts";
import { TextInProgress } from "./textInProgress.ts";
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

/**
 * Continues texts, as many at a time as the engine has rows; the next one begins when another ends.
 * Texts do not depend on each other, but for the rounding of sums that are made together.
 *
 * All rows of the engine are used, and empty afterwards.
 *
 * @returns tokens as they come, those of one text in their order
 * @throws {RangeError} for options that do not fit the engine, before anything runs; for logits that
 *   are no numbers
 */
export async function* generateTokens(
  engine: GenerationTarget,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, void, undefined> {
  checkGenerateOptions(engine, options);
  const waiting = promptsOf(options).map(
    (prompt, text) => new TextInProgress(text, prompt, options, engine.capacity),
  );
  const running = new Map<number, TextInProgress>();
  try {
    while (waiting.length > 0 || running.size > 0) {
      for (let row = 0; row < engine.rows && waiting.length > 0; row++) {
        if (running.has(row)) continue;
        options.signal?.throwIfAborted();
        const text = waiting.shift()!;
        running.set(row, text);
        yield* await begin(engine, row, text, options);
      }
      for (const [row, text] of running) if (text.isFinished) running.delete(row);
      if (running.size === 0) continue;
      options.signal?.throwIfAborted();
      yield* await goOn(engine, running);
      for (const [row, text] of running) if (text.isFinished) running.delete(row);
    }
  } finally {
    for (let row = 0; row < engine.rows; row++) await engine.reset(row);
  }
}

/** Reads a prompt. Texts that guess have their first token with the next run. */
async function begin(
  engine: GenerationTarget,
  row: number,
  text: TextInProgress,
  { prefixes, speculation }: GenerateOptions,
): Promise<GeneratedToken[]> {
  const { tokens } = text.prompt;
  const keys = prefixKeysOf(text.prompt);
  if (keys && prefixes) text.cachedTokens = await prefixes.restore(row, keys);
  else await engine.reset(row);
  const from = text.cachedTokens;
  const end = speculation ? tokens.length - 1 : tokens.length;
  const count = end - from;
  const options = { logitsFrom: speculation ? count : count - 1 };
  const [logits] = count > 0 ? await feedPart(engine, row, text.prompt, from, end, options) : [];
  if (keys) await prefixes?.store(row, keys.slice(0, end));
  if (speculation) {
    text.speculate(new SpeculativeDecoder(engine, row, tokens, text.speculative(speculation)));
    return [];
  }
  return [text.add(logits!)];
}

/** The next tokens of all texts. */
async function goOn(
  engine: GenerationTarget,
  running: ReadonlyMap<number, TextInProgress>,
): Promise<GeneratedToken[]> {
  const added: GeneratedToken[] = [];
  const plain = [...running].filter(([, text]) => !text.speculation);
  if (plain.length > 0) {
    const step = engine.step(plain.map(([row, text]) => ({ row, token: text.last })));
    const logits = await meanwhile(step, () => {
      for (const [, text] of plain) text.prepare();
    });
    for (const [i, [, text]] of plain.entries()) added.push(text.add(logits[i]!));
  }
  for (const text of running.values()) {
    if (text.speculation) added.push(...(await text.guess()));
  }
  return added;
}
