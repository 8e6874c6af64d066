import { ApiError } from "../apiError.ts";
import type { Asker } from "../asker.ts";
import type { ChatAnswer, ChatNews } from "../chat/chatAnswer.ts";
import type { ChatRequest } from "../chat/chatRequest.ts";
import type { LanguageService } from "../languageService.ts";
import type { ModelPrice } from "../prices/modelPrice.ts";
import { Attempt } from "./attempt.ts";
import type { Budget } from "./budget.ts";
import { autoName, readRouterName } from "./modelName.ts";
import { Receipt, type Tariff } from "./receipt.ts";
import type { Router, RouterChoice } from "./router.ts";
import { routeRequest, type Handling, type RoutedPair } from "./routeRequest.ts";

export interface RoutingOptions {
  /** Of every model that is served. */
  readonly prices: ReadonlyMap<string, ModelPrice>;
  readonly routers: readonly Router[];
  /** What `auto` is. */
  readonly auto: RouterChoice;
  /** When it is spent, the cheapest model alone answers. */
  readonly budget?: Budget | undefined;
}

/** What became of a request, when nothing more is told to its client. */
export interface AnsweredRequest {
  readonly request: ChatRequest;
  readonly receipt: Receipt;
  /** Undefined where none was told. */
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  /** Whether the client was told all of it. */
  readonly isWhole: boolean;
}

export interface DispatcherOptions {
  /** At least one. */
  readonly services: readonly LanguageService[];
  readonly routing?: RoutingOptions | undefined;
  readonly onAnswered?: ((answered: AnsweredRequest) => void) | undefined;
  /** Milliseconds, for what is reported. Default: `performance.now`. */
  readonly clockMs?: () => number;
}

/** An answer, and who gives it. */
export interface RoutedAnswer {
  readonly news: AsyncIterable<ChatNews>;
  /** Of the model that answers; complete when the news have ended. */
  readonly usage: ChatAnswer["usage"];
  readonly receipt: Receipt;
  /** What was dropped of the conversation, where something may be. */
  readonly truncation: ChatAnswer["truncation"];
}

/** Gives each request to a model, and notes what that costs. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #routing: RoutingOptions | undefined;
  /** The cheapest first, where there are prices. */
  readonly #byPrice: readonly LanguageService[];
  readonly #pair: RoutedPair | undefined;
  readonly #tariff: Tariff | undefined;
  readonly #clockMs: () => number;

  constructor(options: DispatcherOptions) {
    const { services, routing, clockMs = () => performance.now() } = options;
    this.#options = options;
    this.#routing = routing;
    this.#clockMs = clockMs;
    this.#byPrice = routing ? sortedByPrice(services, routing.prices) : services;
    const [weak, strong] = [this.#byPrice[0]!, this.#byPrice.at(-1)!];
    this.#pair = routing && weak !== strong ? { weak, strong } : undefined;
    this.#tariff = routing && { prices: routing.prices, dearest: strong.name };
  }

  /** Names that are listed. */
  get names(): readonly string[] {
    const own = this.#options.services.map(({ name }) => name);
    return this.#pair ? [autoName, ...own] : own;
  }

  /**
   * The model of a name; of a router's name the one that requests are measured with, the cheapest.
   *
   * @throws {ApiError} 404 for a name that nobody answers to
   */
  serviceOf(name: string): LanguageService {
    return this.#choiceOf(name) ? this.#pair!.weak : this.#named(name);
  }

  /**
   * Answers a request; whoever stops reading the news, or aborts, ends the answer. Where a router
   * judges the cheapest model's answer, this waits until it has decided: two answers are never mixed.
   *
   * @throws {ApiError} for a request that cannot be answered, before anything is said
   */
  async answer(request: ChatRequest, asker: Asker): Promise<RoutedAnswer> {
    const startedMs = this.#clockMs();
    const handling: Handling = { decision: { reason: "named" }, attempts: [] };
    const { attempts } = handling;
    const receipt = (): Receipt =>
      new Receipt(request.model, handling.decision, attempts, this.#tariff);
    let firstTokenMs: number | undefined;
    let isClosed = false;
    const close = (isWhole: boolean): void => {
      if (isClosed || attempts.length === 0) return;
      isClosed = true;
      const totalMs = this.#clockMs() - startedMs;
      this.#note({ request, receipt: receipt(), firstTokenMs, totalMs, isWhole });
    };
    asker.signal.addEventListener("abort", () => close(false), { once: true });
    try {
      const told = await this.#begin(request, asker, handling);
      const note = (): void => {
        firstTokenMs ??= this.#clockMs() - startedMs;
      };
      const { usage, truncation } = attempts.at(-1)!;
      return { news: noted(told, note, close), usage, truncation, receipt: receipt() };
    } catch (error) {
      close(false);
      throw error;
    }
  }

  async #begin(
    request: ChatRequest,
    asker: Asker,
    handling: Handling,
  ): Promise<AsyncIterable<ChatNews>> {
    const choice = this.#choiceOf(request.model);
    const { budget, prices } = this.#routing ?? {};
    if (choice && prices && this.#pair) {
      const options = { ...choice, pair: this.#pair, prices, budget, asker };
      return routeRequest(request, options, handling);
    }
    const service = this.#named(request.model);
    const cheapest = this.#byPrice[0]!;
    if (budget?.isSpent && service !== cheapest) {
      throw new ApiError(
        `The budget of ${budget.description} is spent: \`${cheapest.name}\` alone answers.`,
        { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
      );
    }
    const attempt = await Attempt.begin(service, request, asker);
    handling.attempts.push(attempt);
    return attempt.news;
  }

  #note(answered: AnsweredRequest): void {
    const { cost } = answered.receipt;
    if (cost !== undefined) this.#routing?.budget?.spend(cost);
    this.#options.onAnswered?.(answered);
  }

  /** Undefined for a name that is no router's. */
  #choiceOf(name: string): RouterChoice | undefined {
    if (!this.#routing || !this.#pair || this.#isServed(name)) return undefined;
    if (name === autoName) return this.#routing.auto;
    return readRouterName(name, this.#routing.routers);
  }

  #isServed(name: string): boolean {
    return this.#options.services.some((each) => each.name === name);
  }

  #named(name: string): LanguageService {
    const service = this.#options.services.find((each) => each.name === name);
    if (service) return service;
    throw new ApiError(`The model \`${name}\` does not exist or you do not have access to it.`, {
      ...{ status: 404, code: "model_not_found" },
    });
  }
}

/** The cheapest first, by a token that is read and one that is said. */
function sortedByPrice(
  services: readonly LanguageService[],
  prices: ReadonlyMap<string, ModelPrice>,
): LanguageService[] {
  const priceOf = ({ name }: LanguageService): bigint => {
    const { prompt, completion } = prices.get(name)!;
    return prompt + completion;
  };
  return services.toSorted((a, b) => {
    const difference = priceOf(a) - priceOf(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
}

async function* noted(
  news: AsyncIterable<ChatNews>,
  atEach: () => void,
  atEnd: (isWhole: boolean) => void,
): AsyncGenerator<ChatNews, void, undefined> {
  let isWhole = false;
  try {
    for await (const each of news) {
      atEach();
      yield each;
    }
    isWhole = true;
  } finally {
    atEnd(isWhole);
  }
}
