import type { SpeculativeDecoder, SpeculativeOptions } from "../speculation/speculativeDecoder.ts";
import type {
  FinishReason,
  GeneratedToken,
  GenerateOptions,
  GenerationPrompt,
} from "./generation.ts";
import { TokenChooser } from "./tokenChooser.ts";

type TextOptions = Pick<
  GenerateOptions,
  "maxNewTokens" | "stopTokens" | "isComplete" | "processors" | "seed" | "logProbabilities"
>;

/** One of the texts that are generated: its tokens, and whether it has ended. */
export class TextInProgress {
  readonly prompt: GenerationPrompt;
  readonly #text: number;
  readonly #tokens: number[];
  readonly #options: TextOptions;
  readonly #capacity: number;
  readonly #chooser: TokenChooser;
  #finishReason: FinishReason | undefined;
  /** Logits of the tokens that the last guess gave, in their order. */
  #guessed: Float32Array[] = [];
  #failure: { readonly cause: unknown } | undefined;
  speculation: SpeculativeDecoder | undefined;
  /** Tokens of the prompt that were known beforehand. */
  cachedTokens = 0;

  constructor(text: number, prompt: GenerationPrompt, options: TextOptions, capacity: number) {
    const { processors = [], seed, logProbabilities } = options;
    this.prompt = prompt;
    this.#text = text;
    this.#tokens = [...prompt.tokens];
    this.#options = options;
    this.#capacity = capacity;
    this.#chooser = new TokenChooser(text, {
      processors: typeof processors === "function" ? processors(prompt.tokens, text) : processors,
      seed,
      logProbabilities,
    });
  }

  get isFinished(): boolean {
    return this.#finishReason !== undefined;
  }

  get last(): number {
    return this.#tokens.at(-1)!;
  }

  /**
   * Does what can be done for the next token while its logits are computed. What goes wrong is said
   * when the token is chosen, so that it ends this text alone.
   */
  prepare(): void {
    try {
      this.#chooser.prepare(this.#tokens);
    } catch (cause) {
      this.#failure = { cause };
    }
  }

  /** Chooses the next token. */
  add(logits: Float32Array): GeneratedToken {
    if (this.#failure) throw this.#failure.cause;
    return this.#put(this.#chooser.choose(logits, this.#tokens), logits);
  }

  /** What a speculative decoder of this text draws with. */
  speculative(options: NonNullable<GenerateOptions["speculation"]>): SpeculativeOptions {
    return {
      ...options,
      distribution: (logits, ids) => {
        this.#guessed.push(logits);
        return this.#chooser.distribution(logits, ids);
      },
      isEnd: (ids) => this.#endOf(ids) !== undefined,
      uniform: () => this.#chooser.uniform(),
    };
  }

  speculate(decoder: SpeculativeDecoder): void {
    this.speculation = decoder;
  }

  /** The tokens of one run; what comes after the text's end is dropped. */
  async guess(): Promise<GeneratedToken[]> {
    this.#guessed = [];
    const room = this.#capacity - this.#tokens.length + 1;
    const tokens = await this.speculation!.next(Math.min(this.#left, room));
    const added: GeneratedToken[] = [];
    for (const [i, token] of tokens.entries()) {
      if (!this.isFinished) added.push(this.#put(token, this.#guessed[i]!));
    }
    return added;
  }

  get #left(): number {
    const added = this.#tokens.length - this.prompt.tokens.length;
    return (this.prompt.maxNewTokens ?? this.#options.maxNewTokens) - added;
  }

  #put(token: number, logits: Float32Array): GeneratedToken {
    this.#tokens.push(token);
    this.#finishReason = this.#reason();
    return {
      text: this.#text,
      token,
      logProbability: this.#chooser.report(logits, token),
      finishReason: this.#finishReason,
      cachedTokens: this.cachedTokens,
    };
  }

  #reason(): FinishReason | undefined {
    const end = this.#endOf(this.#tokens);
    if (end !== undefined) return end;
    if (this.#left === 0) return "length";
    return this.#tokens.length > this.#capacity ? "capacity" : undefined;
  }

  /** How a text, of which these are all tokens, ends of itself. */
  #endOf(tokens: readonly number[]): FinishReason | undefined {
    const { stopTokens = [], isComplete } = this.#options;
    if (stopTokens.includes(tokens.at(-1)!)) return "stopToken";
    const added = tokens.slice(this.prompt.tokens.length);
    return isComplete?.(added, this.#text) ? "complete" : undefined;
  }
}
