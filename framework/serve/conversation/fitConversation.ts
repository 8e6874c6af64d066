import type { Asker } from "../asker.ts";
import type { LanguageService } from "../languageService.ts";
import type { TemplateMessage } from "../pictures/pictureTemplate.ts";
import { blockCuts } from "./blockCut.ts";
import {
  conversationUnits,
  messagesFrom,
  messagesOf,
  type ConversationUnits,
} from "./conversationUnits.ts";
import { summarize } from "./summarize.ts";
import { checkReadable, checkWindow, textBytes } from "./textBytes.ts";
import { nothingDropped, type TruncationReport } from "./truncationReport.ts";

/** Writes messages as a model reads them. */
export interface ConversationWriter {
  /** A whole conversation: with tools, and what begins an answer. */
  write(messages: readonly TemplateMessage[]): Promise<readonly number[]>;
  /** Bytes of text of a whole conversation, with tools. */
  bytes(messages: readonly TemplateMessage[]): number;
  /** Counts messages in the middle of a conversation. */
  count(messages: readonly TemplateMessage[]): Promise<number>;
  /** All that the count of messages depends on, as JSON. */
  signature(messages: readonly TemplateMessage[]): unknown;
}

export interface FitOptions {
  readonly service: LanguageService;
  readonly asker: Asker;
  readonly strategy: "auto" | "summarize";
  /** Most tokens of the answer, if they are limited: there is room for them, if that can be. */
  readonly answerTokens: number | undefined;
  readonly writer: ConversationWriter;
}

export interface FittedConversation {
  readonly messages: readonly TemplateMessage[];
  readonly report: TruncationReport;
}

/** Of the window: what is dropped at a time; what is left to an answer; what a summary may take. */
const shares = { block: 1 / 4, answer: 1 / 4, summary: 1 / 8 };

/**
 * Drops the oldest units of a conversation until it fits, with room for an answer; messages of the
 * system, tools and the last unit stay. Units are counted once, what is left is written a few times: the time
 * grows with the conversation's length, not with its square.
 *
 * @throws {ApiError} for a unit that is too long, whether it would be dropped or not
 */
export async function fitConversation(
  messages: readonly TemplateMessage[],
  options: FitOptions,
): Promise<FittedConversation> {
  const { service, strategy, answerTokens, writer } = options;
  const { window } = service;
  const units = conversationUnits(messages);
  const last = Math.max(0, units.units.length - 1);
  const staying = messagesFrom(units, last);
  checkWindow(service, writer.bytes(staying));
  const fixed = (await writer.write(staying)).length;
  const counts = await countsOf(units.units.slice(0, last), options);
  const total = fixed + sum(counts);
  const reserve = Math.min(answerTokens ?? shares.answer * window, window / 2);
  const budget = Math.floor(window - reserve);
  if (total <= budget) return kept(messages, strategy);
  const summaryTokens = Math.max(1, Math.floor(shares.summary * window));
  const summaryRoom =
    strategy === "summarize" ? summaryTokens + (await writer.count([summaryMessage("")])) : 0;
  const excess = total - budget + summaryRoom;
  const cuts = blockCuts(counts, excess, Math.floor(shares.block * window));
  if (cuts.length === 0) return kept(messages, strategy);
  let first = cuts.at(-1)!;
  const overflows = async (): Promise<boolean> =>
    (await writer.write(messagesFrom(units, first))).length > budget - summaryRoom;
  // Where a template writes units otherwise in another place, they were not counted exactly.
  while ((await overflows()) && first < last) first++;
  cuts[cuts.length - 1] = first;
  const dropped = {
    dropped_messages: messagesOf(units, 0, first).length,
    dropped_turns: first,
    dropped_tokens: sum(counts.slice(0, first)),
  };
  if (strategy === "auto") {
    return { messages: messagesFrom(units, first), report: { strategy, ...dropped } };
  }
  const groups = cuts.map((to, i) => messagesOf(units, cuts[i - 1] ?? 0, to));
  return summarized(units, first, groups, { ...options, summaryTokens, dropped });
}

/** Tokens of units; whoever else asks something is heard between two of them. */
async function countsOf(
  units: ConversationUnits["units"],
  { service, asker, writer }: FitOptions,
): Promise<number[]> {
  for (const own of units) checkReadable(service, textBytes(own));
  const counts: number[] = [];
  for (const own of units) {
    let isNew = false;
    const count = (): Promise<number> => {
      isNew = true;
      return writer.count(own);
    };
    counts.push(await service.conversations.count(writer.signature(own), count));
    if (!isNew) continue;
    await new Promise(setImmediate);
    asker.signal.throwIfAborted();
  }
  return counts;
}

function kept(
  messages: readonly TemplateMessage[],
  strategy: "auto" | "summarize",
): FittedConversation {
  return { messages, report: { strategy, ...nothingDropped } };
}

async function summarized(
  units: ConversationUnits,
  first: number,
  groups: readonly (readonly TemplateMessage[])[],
  {
    summaryTokens,
    dropped,
    ...options
  }: FitOptions & {
    readonly summaryTokens: number;
    readonly dropped: Omit<TruncationReport, "strategy">;
  },
): Promise<FittedConversation> {
  const { service, asker, writer, strategy } = options;
  const summary = await summarize(groups, { service, asker, mostTokens: summaryTokens });
  const message = summaryMessage(summary.text);
  const messages = await withSummary(messagesFrom(units, first), message, writer);
  const report = {
    ...{ strategy, ...dropped, summary_tokens: await writer.count([message]) },
    summary_usage: {
      prompt_tokens: summary.promptTokens,
      completion_tokens: summary.completionTokens,
    },
  };
  return { messages, report };
}

const summaryMessage = (text: string): TemplateMessage => ({
  ...{ role: "system", content: `Summary of the conversation before: ${text}` },
});

/**
 * Puts a summary after the system's first messages, whose beginning stays what it was; a template that
 * takes only one of them gets it as that one's end.
 */
async function withSummary(
  messages: readonly TemplateMessage[],
  summary: TemplateMessage,
  writer: ConversationWriter,
): Promise<readonly TemplateMessage[]> {
  const others = messages.findIndex(({ role }) => role !== "system");
  const [head, rest] = [messages.slice(0, others), messages.slice(others)];
  const separate = [...head, summary, ...rest];
  try {
    await writer.write(separate);
    return separate;
  } catch (error) {
    const only = head.at(-1);
    if (typeof only?.content !== "string") throw error;
    const added = typeof summary.content === "string" ? summary.content : "";
    const content = `${only.content}\n\n${added}`;
    return [...head.slice(0, -1), { ...only, content }, ...rest];
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
