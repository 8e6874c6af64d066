import type { SaidPart } from "./callReader.ts";
import type { ChatNews, ChatUsage } from "./chatAnswer.ts";
import type { LogprobEntry } from "./chatChoice.ts";

/** What all bodies of one answer share. */
export interface ChatHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
  /** Makes ids of calls. */
  readonly newCallId: () => string;
}

export function usageBody({ promptTokens, cachedTokens, completionTokens }: ChatUsage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      ...{ reasoning_tokens: 0, audio_tokens: 0 },
      ...{ accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
  };
}

interface Call {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; arguments: string };
}

/** The body of a whole answer, from all news of it. */
export async function completionBody(
  head: ChatHead,
  news: AsyncIterable<ChatNews>,
  { count, usage, hasLogprobs }: { count: number; usage: ChatUsage; hasLogprobs: boolean },
): Promise<object> {
  const choices = Array.from({ length: count }, () => new WholeChoice(head));
  for await (const each of news) choices[each.choice]!.add(each);
  const { newCallId: _, ...shared } = head;
  return {
    ...shared,
    object: "chat.completion",
    choices: choices.map((choice, index) => choice.body(index, hasLogprobs)),
    usage: usageBody(usage),
    service_tier: "default",
  };
}

class WholeChoice {
  readonly #head: ChatHead;
  readonly #calls: Call[] = [];
  readonly #logprobs: LogprobEntry[] = [];
  #text = "";
  #finish: string | null = null;

  constructor(head: ChatHead) {
    this.#head = head;
  }

  add({ parts, logprobs, finish }: ChatNews): void {
    this.#logprobs.push(...logprobs);
    this.#finish = finish ?? this.#finish;
    for (const part of parts) {
      if (part.kind === "text") this.#text += part.text;
      else if (part.kind === "callArguments") this.#calls.at(-1)!.function.arguments += part.text;
      else {
        const called = { name: part.name, arguments: "" };
        this.#calls.push({ id: this.#head.newCallId(), type: "function", function: called });
      }
    }
  }

  body(index: number, hasLogprobs: boolean): object {
    const hasCalls = this.#calls.length > 0;
    return {
      index,
      message: {
        role: "assistant",
        content: hasCalls && this.#text === "" ? null : this.#text,
        refusal: null,
        ...(hasCalls ? { tool_calls: this.#calls } : { annotations: [] }),
      },
      logprobs: hasLogprobs ? { content: this.#logprobs, refusal: null } : null,
      finish_reason: this.#finish,
    };
  }
}

/** Bodies of the parts of an answer that is streamed, in their order. */
export class ChatChunks {
  readonly #head: ChatHead;
  readonly #hasUsage: boolean;
  /** What all chunks have. */
  readonly #shared: object;
  /** Calls so far, of each choice. */
  readonly #calls: number[] = [];

  constructor(head: ChatHead, hasUsage: boolean) {
    this.#head = head;
    this.#hasUsage = hasUsage;
    const { newCallId: _, ...shared } = head;
    this.#shared = { ...shared, object: "chat.completion.chunk", service_tier: "default" };
  }

  /** What a choice begins with. */
  start(choice: number): object {
    this.#calls[choice] = 0;
    return this.#chunk(choice, { role: "assistant", content: "", refusal: null });
  }

  of({ choice, parts, logprobs, finish }: ChatNews): object[] {
    const entries = logprobs.length > 0 ? { content: logprobs, refusal: null } : null;
    const deltas = parts.map((part) => this.#delta(choice, part));
    if (deltas.length === 0 && entries) deltas.push({ content: "" });
    const chunks = deltas.map((delta, i) => this.#chunk(choice, delta, i === 0 ? entries : null));
    return finish ? [...chunks, this.#chunk(choice, {}, null, finish)] : chunks;
  }

  usage(usage: ChatUsage): object {
    return { ...this.#shared, choices: [], usage: usageBody(usage) };
  }

  #delta(choice: number, part: SaidPart): object {
    if (part.kind === "text") return { content: part.text };
    if (part.kind === "callArguments") {
      const index = this.#calls[choice]! - 1;
      return { tool_calls: [{ index, function: { arguments: part.text } }] };
    }
    const index = this.#calls[choice]!++;
    const called = { name: part.name, arguments: "" };
    const id = this.#head.newCallId();
    return { tool_calls: [{ index, id, type: "function", function: called }] };
  }

  #chunk(
    choice: number,
    delta: object,
    logprobs: object | null = null,
    finish: string | null = null,
  ) {
    return {
      ...this.#shared,
      choices: [{ index: choice, delta, logprobs, finish_reason: finish }],
      ...(this.#hasUsage && { usage: null }),
    };
  }
}
