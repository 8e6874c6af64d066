import { RandomStream } from "../../base/random.ts";
import type { LogitsProcessor } from "../logitsProcessors/index.ts";
import {
  firstNotFinite,
  logProbabilities,
  probabilities,
  topLogProbabilities,
  type TopLogProbability,
} from "../logitsProcessors/probabilities.ts";
import { drawToken, greedyProbabilities, type Probabilities } from "../speculation/acceptance.ts";

/** What the model itself thinks of a token, before anything was done to its logits. */
export interface TokenLogProbability {
  readonly logProbability: number;
  /** The likeliest tokens, best first. */
  readonly top: readonly TopLogProbability[];
}

export interface TokenChooserOptions {
  /** Change logits, one after the other. */
  readonly processors: readonly LogitsProcessor[];
  /** Tokens are drawn with it; undefined: always the likeliest. */
  readonly seed: number | undefined;
  /** How many of the likeliest tokens are reported with each; undefined: nothing is. */
  readonly logProbabilities: number | undefined;
}

/** Chooses the tokens of one text, with random numbers of its own. */
export class TokenChooser {
  readonly #options: TokenChooserOptions;
  readonly #text: number;
  readonly #random: RandomStream | undefined;

  /** @param text its number: texts of one seed draw different tokens, whatever row they are in */
  constructor(text: number, options: TokenChooserOptions) {
    this.#text = text;
    this.#options = options;
    const { seed } = options;
    this.#random = seed === undefined ? undefined : new RandomStream(seed, "generate", text);
  }

  /**
   * Probabilities that the next token is drawn with.
   *
   * @throws {RangeError} when the logits are no numbers, or the processors forbid every token
   */
  distribution(logits: Float32Array, ids: readonly number[]): Probabilities {
    this.#checkFinite(logits, ids.length);
    const changed = this.#options.processors.length > 0 ? logits.slice() : logits;
    for (const process of this.#options.processors) process(changed, ids);
    if (changed !== logits) this.#checkFinite(changed, ids.length, "its logits processors");
    let possible = 0;
    while (possible < changed.length && !(changed[possible]! > -Infinity)) possible++;
    if (possible === changed.length) {
      throw new RangeError(
        `Cannot generate token ${ids.length} of text ${this.#text}: its logits processors forbid all tokens`,
      );
    }
    return this.#random ? probabilities(changed) : greedyProbabilities(changed);
  }

  /** A number in [0, 1) of the text's own. */
  uniform(): number {
    return this.#random?.uniform() ?? 0;
  }

  /** Does what is needed for the next token and can be done before its logits are there. */
  prepare(ids: readonly number[]): void {
    for (const process of this.#options.processors) process.prepare?.(ids);
  }

  choose(logits: Float32Array, ids: readonly number[]): number {
    const each = this.distribution(logits, ids);
    return this.#random ? drawToken(each, this.uniform()) : each.indexOf(1);
  }

  /** Undefined where it was not asked for. */
  report(logits: Float32Array, token: number): TokenLogProbability | undefined {
    const { logProbabilities: count } = this.#options;
    if (count === undefined) return undefined;
    return {
      logProbability: logProbabilities(logits)[token]!,
      top: count > 0 ? topLogProbabilities(logits, count) : [],
    };
  }

  #checkFinite(logits: Float32Array, place: number, from = "the model's weights"): void {
    const at = firstNotFinite(logits);
    if (at < 0) return;
    throw new RangeError(
      `Cannot generate token ${place} of text ${this.#text}: expected finite logits, got ${logits[at]} for token ${at}; are ${from} finite?`,
    );
  }
}
