import { constraintProcessor } from "../../constrained/constraint.ts";
import type { GeneratedToken } from "../../decode/generation/generation.ts";
import type { ScheduledText } from "../../decode/generation/scheduler.ts";
import { TokenStream } from "../../decode/generation/tokenStream.ts";
import {
  countPenalties,
  logitBias,
  temperature as withTemperature,
  topP,
  type LogitsProcessor,
} from "../../decode/logitsProcessors/index.ts";
import { ApiError } from "../apiError.ts";
import type { Asker } from "../asker.ts";
import type { TruncationReport } from "../conversation/truncationReport.ts";
import type { LanguageService } from "../languageService.ts";
import { scheduleText } from "../scheduleText.ts";
import { ChatChoice, type ChoiceNews } from "./chatChoice.ts";
import { chatConstraint, constraintProblem, isNamed, offeredTools } from "./chatConstraint.ts";
import { chatPrompt, type ChatPrompt } from "./chatPrompt.ts";
import type { ChatRequest } from "./chatRequest.ts";

/** Tokens that a request took, as OpenAI's API counts them. */
export interface ChatUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  completionTokens: number;
}

/** News of one of a request's answers. */
export interface ChatNews extends ChoiceNews {
  readonly choice: number;
  /** Of the token, as the model itself thinks of it; where answers are judged. */
  readonly logProbability?: number;
}

export interface AnswerChatOptions {
  /** Whether each token's probability is told, to whoever judges the answer. Default: no. */
  readonly isJudged?: boolean;
  /** What the request becomes for the model, where that is known. */
  readonly prompt?: ChatPrompt | undefined;
}

export interface ChatAnswer {
  readonly news: AsyncIterable<ChatNews>;
  /** Complete when the news have ended. */
  readonly usage: ChatUsage;
  /** What was dropped of the conversation, where something may be. */
  readonly truncation?: TruncationReport | undefined;
}

/**
 * Answers a request; whoever stops reading the news ends the answers.
 *
 * @throws {ApiError} for a request that cannot be answered, before anything is said
 */
export async function answerChat(
  service: LanguageService,
  request: ChatRequest,
  asker: Asker,
  { isJudged = false, prompt: given }: AnswerChatOptions = {},
): Promise<ChatAnswer> {
  checkCount(service, request);
  const prompt = given ?? (await chatPrompt(service, request, asker));
  const texts = textsOf(service, request, prompt);
  const ended = new AbortController();
  const { owner } = asker;
  const signal = AbortSignal.any([asker.signal, ended.signal]);
  const usage = { promptTokens: prompt.tokens.length, cachedTokens: 0, completionTokens: 0 };
  const record = asker.begin({
    ...{ model: service.name, promptTokens: usage.promptTokens },
    mostCompletionTokens: texts.reduce((sum, { maxNewTokens }) => sum + maxNewTokens, 0),
  });
  const news = new TokenStream<ChatNews>();
  let streams: AsyncIterable<GeneratedToken>[];
  try {
    const seen = await service.see(prompt);
    const shared = { prompt: seen, owner, signal, ...(isJudged && { logProbabilities: 0 }) };
    streams = texts.map((text) => scheduleText(service, { ...shared, ...text }));
  } catch (error) {
    ended.abort(); // those that were taken before
    record.end({ ...usage, promptTokens: 0 });
    throw error;
  }
  const choices = streams.map(async (stream, choice) => {
    const own = new ChatChoice({
      entries: service.vocabulary.entries,
      stop: stopsOf(request),
      readsCalls: offeredTools(request).length > 0,
      hasLogprobs: request.logprobs === true,
      stopsAfterCall: isNamed(request),
    });
    for await (const token of stream) {
      record.token(choice);
      if (token.finishReason !== "stopToken") usage.completionTokens++;
      usage.cachedTokens = Math.max(usage.cachedTokens, token.cachedTokens);
      const { logProbability } = token.logProbability ?? {};
      const each = own.add(token);
      news.push({ ...each, choice, ...(logProbability !== undefined && { logProbability }) });
      if (each.finish) break;
    }
  });
  void Promise.allSettled(choices).then(() => record.end(usage));
  void Promise.all(choices).then(
    () => news.end(),
    (cause: unknown) => news.fail(cause),
  );
  return { usage, truncation: prompt.truncation, news: untilEnd(news, () => ended.abort()) };
}

/** @throws {ApiError} for more answers than there can ever be at a time */
function checkCount({ scheduler }: LanguageService, { n }: ChatRequest): void {
  if ((n ?? 1) <= scheduler.mostTexts) return;
  throw new ApiError(
    `Expected n to be at most ${scheduler.mostTexts}, so many answers as can be under way or wait, got ${n}.`,
    { param: "n" },
  );
}

async function* untilEnd<Item>(items: AsyncIterable<Item>, atEnd: () => void): AsyncIterable<Item> {
  try {
    yield* items;
  } finally {
    atEnd();
  }
}

const stopsOf = ({ stop }: ChatRequest): readonly string[] =>
  typeof stop === "string" ? [stop] : (stop ?? []);

function textsOf(
  service: LanguageService,
  request: ChatRequest,
  prompt: ChatPrompt,
): Omit<ScheduledText, "prompt">[] {
  const { max_completion_tokens, max_tokens, n, seed, temperature, logprobs, top_logprobs } =
    request;
  const promptLength = prompt.tokens.length;
  const { room } = prompt;
  const most = Math.min(max_completion_tokens ?? max_tokens ?? room, room);
  const constraint = constraintOf(service, request, promptLength, most);
  // Without a form or tools what looks like a call is none.
  const forbidden = constraint ? [] : service.callTokens;
  const processors = processorsOf(request, { promptLength, constraint, forbidden });
  // A text that a constraint completes with its last token still has its end said.
  const maxNewTokens = constraint ? most + 1 : most;
  const isGreedy = temperature === 0;
  const own = seed ?? service.drawSeed();
  return Array.from({ length: n ?? 1 }, (_, number) => ({
    ...{ number, maxNewTokens, stopTokens: service.endTokens },
    processors: processors(),
    ...(!isGreedy && { seed: own >>> 0 }),
    ...(logprobs === true && { logProbabilities: top_logprobs ?? 0 }),
  }));
}

/** Makes the changes of logits of each answer; a constraint follows what that one says. */
function processorsOf(
  request: ChatRequest,
  {
    promptLength,
    constraint,
    forbidden,
  }: {
    readonly promptLength: number;
    readonly constraint: (() => LogitsProcessor) | undefined;
    readonly forbidden: readonly number[];
  },
): () => LogitsProcessor[] {
  const { presence_penalty, frequency_penalty, logit_bias, temperature, top_p } = request;
  const penalties = {
    presencePenalty: presence_penalty ?? 0,
    frequencyPenalty: frequency_penalty ?? 0,
  };
  const biases = [
    ...Object.entries(logit_bias ?? {}).map(([id, bias]) => [Number(id), bias] as const),
    ...forbidden.map((id) => [id, -Infinity] as const),
  ];
  return () => [
    ...(presence_penalty || frequency_penalty
      ? [countPenalties({ ...penalties, promptLength })]
      : []),
    ...(biases.length > 0 ? [logitBias(new Map(biases))] : []),
    ...(constraint ? [constraint()] : []),
    ...(temperature ? [withTemperature(temperature)] : []),
    ...(typeof top_p === "number" ? [topP(top_p)] : []),
  ];
}

function constraintOf(
  service: LanguageService,
  request: ChatRequest,
  promptLength: number,
  maxNewTokens: number,
): (() => LogitsProcessor) | undefined {
  try {
    const asked = chatConstraint(request);
    if (!asked) return undefined;
    const constraint = service.constraint(asked);
    const options = { constraint, promptLength, maxNewTokens, endTokens: service.endTokens };
    constraintProcessor(options); // refuses what there is no room for
    return () => constraintProcessor(options);
  } catch (error) {
    throw constraintProblem(error, request);
  }
}
