import type { Asker } from "../asker.ts";
import {
  answerChat,
  type AnswerChatOptions,
  type ChatAnswer,
  type ChatNews,
} from "../chat/chatAnswer.ts";
import type { ChatRequest } from "../chat/chatRequest.ts";
import type { LanguageService } from "../languageService.ts";
import type { PricedTokens } from "../prices/modelPrice.ts";
import type { JudgedAnswer } from "./router.ts";

const nothing: PricedTokens = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** One model's answer to a request, which may be dropped for another's. */
export class Attempt {
  readonly model: string;
  readonly usage: ChatAnswer["usage"];
  readonly truncation: ChatAnswer["truncation"];
  /** To be read once. */
  readonly news: AsyncGenerator<ChatNews, void, undefined>;
  #tokens = 0;
  #logProbabilities = 0;
  #hasContent = false;
  #isCut = false;

  private constructor(model: string, { usage, truncation, news }: ChatAnswer) {
    this.model = model;
    this.usage = usage;
    this.truncation = truncation;
    this.news = this.#noted(news);
  }

  /** @throws {ApiError} for a request that cannot be answered */
  static async begin(
    service: LanguageService,
    request: ChatRequest,
    asker: Asker,
    options: AnswerChatOptions = {},
  ): Promise<Attempt> {
    return new Attempt(service.name, await answerChat(service, request, asker, options));
  }

  /**
   * What the engine has read and said, summaries that were made for it included; of the answer itself
   * nothing where it has not said a token.
   */
  get tokens(): PricedTokens {
    const { prompt_tokens = 0, completion_tokens = 0 } = this.truncation?.summary_usage ?? {};
    const own = this.#tokens === 0 ? nothing : this.usage;
    return {
      promptTokens: own.promptTokens + prompt_tokens,
      cachedTokens: own.cachedTokens,
      completionTokens: own.completionTokens + completion_tokens,
    };
  }

  /** Tokens that were told of, of all choices. */
  get told(): number {
    return this.#tokens;
  }

  /** @param isWhole whether it has ended: one that has said nothing then fails */
  judge(isWhole: boolean): JudgedAnswer {
    const tokens = Math.max(1, this.#tokens);
    return {
      meanLogProbability: this.#logProbabilities / tokens,
      hasFailed: this.#isCut || (isWhole && !this.#hasContent),
    };
  }

  async *#noted(news: AsyncIterable<ChatNews>): AsyncGenerator<ChatNews, void, undefined> {
    for await (const each of news) {
      this.#tokens++;
      this.#logProbabilities += each.logProbability ?? 0;
      this.#isCut ||= each.finish === "length";
      this.#hasContent ||= each.parts.some(
        (part) => part.kind !== "text" || part.text.trim() !== "",
      );
      yield each;
    }
  }
}
