import { ApiError } from "../apiError.ts";
import type { Asker } from "../asker.ts";
import type { ChatNews } from "../chat/chatAnswer.ts";
import { chatPrompt, type ChatPrompt } from "../chat/chatPrompt.ts";
import type { ChatRequest } from "../chat/chatRequest.ts";
import type { LanguageService } from "../languageService.ts";
import { costOf, type ModelPrice } from "../prices/modelPrice.ts";
import { picoDollarsOf } from "../prices/picoDollars.ts";
import { Attempt } from "./attempt.ts";
import type { Budget } from "./budget.ts";
import type { Decision } from "./receipt.ts";
import type { AnswerRouter, RouterChoice } from "./router.ts";

/** The models that a router chooses from. */
export interface RoutedPair {
  /** The cheapest. */
  readonly weak: LanguageService;
  /** The dearest. */
  readonly strong: LanguageService;
}

export interface RouteRequestOptions extends RouterChoice {
  readonly pair: RoutedPair;
  readonly prices: ReadonlyMap<string, ModelPrice>;
  readonly budget?: Budget | undefined;
  readonly asker: Asker;
}

/** What is known so far of how a request is answered, whatever becomes of it. */
export interface Handling {
  decision: Decision;
  readonly attempts: Attempt[];
}

/**
 * Has one of two models answer, as a router says. With a router that judges answers this waits for the
 * cheapest model's, or its beginning.
 *
 * @param handling is told of each attempt as it begins
 * @throws {ApiError} for a request that cannot be answered
 */
export async function routeRequest(
  request: ChatRequest,
  options: RouteRequestOptions,
  handling: Handling,
): Promise<AsyncIterable<ChatNews>> {
  const { router, threshold, pair, asker } = options;
  const decide = (reason: Decision["reason"], score?: number): void => {
    const scored = score !== undefined && { score };
    handling.decision = { reason, router: router.name, threshold, ...scored };
  };
  const prompts = new RequestPrompts(request, asker);
  const begin = async (service: LanguageService, isJudged = false): Promise<Attempt> => {
    const prompt = prompts.known(service);
    const attempt = await Attempt.begin(service, request, asker, { isJudged, prompt });
    handling.attempts.push(attempt);
    return attempt;
  };
  if (hasPictures(request) && pair.weak.sight && !pair.strong.sight) {
    decide("ability");
    return (await begin(pair.weak)).news;
  }
  const prompt = await prompts.of(pair.weak);
  if (!(await mayCost(request, options, prompts, 0n))) {
    decide("budget");
    return (await begin(pair.weak)).news;
  }
  if (!prompt) {
    decide("ability");
    return (await begin(pair.strong)).news;
  }
  if (router.kind === "request") {
    const score = router.score({ request, promptTokens: prompt.tokens.length });
    decide("score", score);
    return (await begin(score >= threshold ? pair.strong : pair.weak)).news;
  }
  const weak = await begin(pair.weak, true);
  decide("score");
  const { score, news } = await judged(weak, router, request.stream === true);
  decide("score", score);
  if (score < threshold) return news;
  try {
    const spent = costOf(options.prices.get(weak.model)!, weak.tokens);
    if (await mayCost(request, options, prompts, spent)) {
      const strong = await begin(pair.strong);
      await weak.news.return();
      return strong.news;
    }
    decide("budget", score);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    decide("overload", score); // what has been said is better than nothing
  }
  return news;
}

/**
 * Reads an answer until a router can decide.
 *
 * @returns its news again from the beginning
 */
async function judged(
  attempt: Attempt,
  router: AnswerRouter,
  isStreamed: boolean,
): Promise<{ score: number; news: AsyncGenerator<ChatNews, void, undefined> }> {
  const held: ChatNews[] = [];
  const most = isStreamed ? router.heldTokens : Infinity;
  let isWhole = false;
  while (!isWhole && attempt.told < most) {
    const { done, value } = await attempt.news.next();
    if (done) isWhole = true;
    else held.push(value);
  }
  return { score: router.score(attempt.judge(isWhole)), news: continued(held, attempt.news) };
}

async function* continued(
  held: readonly ChatNews[],
  rest: AsyncGenerator<ChatNews, void, undefined>,
): AsyncGenerator<ChatNews, void, undefined> {
  try {
    yield* held;
    yield* rest;
  } finally {
    await rest.return();
  }
}

const hasPictures = ({ messages }: ChatRequest): boolean =>
  messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === "image_url"),
  );

/** What a request becomes for models, each time it is asked for the same. */
class RequestPrompts {
  readonly #request: ChatRequest;
  readonly #asker: Asker;
  readonly #known = new Map<LanguageService, ChatPrompt>();

  constructor(request: ChatRequest, asker: Asker) {
    this.#request = request;
    this.#asker = asker;
  }

  /** Undefined where it was not asked for yet, or there is none. */
  known(service: LanguageService): ChatPrompt | undefined {
    return this.#known.get(service);
  }

  /** Undefined where a model has no room for the messages, or sees none of their pictures. */
  async of(service: LanguageService): Promise<ChatPrompt | undefined> {
    const known = this.#known.get(service);
    if (known || (hasPictures(this.#request) && !service.sight)) return known;
    try {
      const prompt = await chatPrompt(service, this.#request, this.#asker);
      this.#known.set(service, prompt);
      return prompt;
    } catch (error) {
      const isApi = error instanceof ApiError;
      if (isApi && error.body.error.code === "context_length_exceeded") return undefined;
      throw error;
    }
  }
}

/**
 * Whether the strong model may answer: whether budgets are not spent, and the most that it may cost,
 * with what was spent before, is within the request's own.
 */
async function mayCost(
  request: ChatRequest,
  { pair: { strong }, prices, budget }: RouteRequestOptions,
  prompts: RequestPrompts,
  spent: bigint,
): Promise<boolean> {
  if (budget?.isSpent) return false;
  const own = request.routing?.budget;
  if (own === undefined) return true;
  const prompt = await prompts.of(strong);
  if (!prompt) return true; // it refuses the request itself
  const promptTokens = prompt.tokens.length;
  const { max_completion_tokens, max_tokens, n } = request;
  const room = strong.window - promptTokens;
  const longest = Math.min(max_completion_tokens ?? max_tokens ?? room, room);
  const most = { promptTokens, cachedTokens: 0, completionTokens: longest * (n ?? 1) };
  return spent + costOf(prices.get(strong.name)!, most) <= ownBudget(own);
}

/** @throws {ApiError} */
function ownBudget(dollars: number): bigint {
  const picoDollars = picoDollarsOf(dollars);
  if (picoDollars !== undefined) return picoDollars;
  throw new ApiError("Expected a budget of whole pico-dollars.", { param: "routing.budget" });
}
