import type { Logits } from "../decodeEngine.ts";
import { acceptance, drawToken, type Probabilities } from "./acceptance.ts";
import { PromptLookup, type PromptLookupOptions } from "./promptLookup.ts";

/** What a text is decoded with: `DecodeEngine`, or what has its calls. */
export interface SpeculationTarget {
  length(row: number): number;
  feed(row: number, tokens: readonly number[], options?: { logitsFrom?: number }): Promise<Logits>;
  truncate(row: number, length: number): Promise<void>;
}

export interface SpeculativeOptions extends PromptLookupOptions {
  /** Tokens that are proposed at a time. Default: 4. */
  readonly proposals?: number;
  /** Probabilities of the token that follows, from its logits and all tokens before it. */
  readonly distribution: (logits: Float32Array, tokens: readonly number[]) => Probabilities;
  /** Whether a text ends with its last token: what was proposed after it is not looked at. */
  readonly isEnd?: (tokens: readonly number[]) => boolean;
  /** Numbers in [0, 1). Not asked where nothing is left to chance. */
  readonly uniform: () => number;
}

/** What was proposed so far, and what of it was taken. */
export interface SpeculationReport {
  readonly runs: number;
  readonly proposed: number;
  readonly accepted: number;
}

/**
 * Continues a text by several tokens in one run where it repeats itself: tokens that followed
 * earlier are checked together, and kept as far as the model would have drawn them. Tokens are
 * distributed as without; greedy ones are the same.
 */
export class SpeculativeDecoder {
  readonly #target: SpeculationTarget;
  readonly #row: number;
  readonly #options: SpeculativeOptions;
  readonly #lookup: PromptLookup;
  readonly #tokens: number[];
  #runs = 0;
  #proposed = 0;
  #accepted = 0;

  /**
   * @param row of the target, which has all but the last of these tokens
   * @param tokens of the text so far
   */
  constructor(
    target: SpeculationTarget,
    row: number,
    tokens: readonly number[],
    options: SpeculativeOptions,
  ) {
    if (tokens.length === 0 || target.length(row) !== tokens.length - 1) {
      throw new RangeError(
        `Cannot speculate: expected row ${row} to have all but the last of ${tokens.length} tokens, got ${target.length(row)}`,
      );
    }
    this.#target = target;
    this.#row = row;
    this.#options = options;
    this.#tokens = [...tokens];
    this.#lookup = new PromptLookup(options);
    this.#lookup.append(tokens);
  }

  /** All of the text; the target has all but the last. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  report(): SpeculationReport {
    return { runs: this.#runs, proposed: this.#proposed, accepted: this.#accepted };
  }

  /**
   * One run of the target.
   *
   * @param most tokens that are wanted
   * @returns the tokens that follow, at least one
   */
  async next(most: number = Infinity): Promise<number[]> {
    const { proposals = 4, distribution, isEnd } = this.#options;
    const proposal = this.#lookup.propose(Math.min(proposals, most - 1));
    const start = this.#target.length(this.#row);
    const logits = await this.#target.feed(this.#row, [this.#tokens.at(-1)!, ...proposal]);
    const added: number[] = [];
    for (const [i, each] of logits.entries()) {
      const probabilities = distribution(each, this.#tokens);
      const { token, isAccepted } = this.#draw(probabilities, proposal[i]);
      added.push(token);
      this.#tokens.push(token);
      if (!isAccepted || isEnd?.(this.#tokens)) break;
    }
    this.#runs++;
    this.#proposed += proposal.length;
    this.#accepted += added.length - 1;
    if (added.length <= proposal.length) {
      await this.#target.truncate(this.#row, start + added.length);
    }
    this.#lookup.append(added);
    return added;
  }

  #draw(
    probabilities: Probabilities,
    proposed: number | undefined,
  ): { token: number; isAccepted: boolean } {
    if (proposed === undefined) {
      return { token: this.#pick(probabilities), isAccepted: false };
    }
    const { probability, otherwise } = acceptance(probabilities, proposed);
    const isAccepted =
      probability >= 1 || (probability > 0 && this.#options.uniform() < probability);
    return { token: isAccepted ? proposed : this.#pick(otherwise), isAccepted };
  }

  #pick(probabilities: Probabilities): number {
    const certain = probabilities.findIndex((p) => p === 1);
    return certain >= 0 ? certain : drawToken(probabilities, this.#options.uniform());
  }
}
