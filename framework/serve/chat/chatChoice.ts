import type { FinishReason, GeneratedToken } from "../../decode/generation/generation.ts";
import type { TokenLogProbability } from "../../decode/generation/tokenChooser.ts";
import { CallReader, type SaidPart } from "./callReader.ts";
import { HeldBackText } from "./heldBackText.ts";

/** A token's probability as OpenAI's API has it. */
export interface LogprobEntry {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs: readonly Omit<LogprobEntry, "top_logprobs">[];
}

export type ChoiceFinish = "stop" | "length" | "tool_calls";

/** What became known of a choice with a token. */
export interface ChoiceNews {
  readonly parts: readonly SaidPart[];
  readonly logprobs: readonly LogprobEntry[];
  readonly finish?: ChoiceFinish;
}

export interface ChatChoiceOptions {
  /** Bytes of each token; undefined for special ones. */
  readonly entries: readonly (Uint8Array | undefined)[];
  readonly stop: readonly string[];
  /** Whether calls are read out of what is said. */
  readonly readsCalls: boolean;
  /** Whether probabilities are told. */
  readonly hasLogprobs: boolean;
  /** Whether an answer with a call just stops. */
  readonly stopsAfterCall: boolean;
}

/** Tokens of one answer as what a client is told: whole characters, without stop texts. */
export class ChatChoice {
  readonly #options: ChatChoiceOptions;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #stops: HeldBackText;
  readonly #calls: CallReader | undefined;
  #hasCalls = false;

  constructor(options: ChatChoiceOptions) {
    this.#options = options;
    this.#stops = new HeldBackText(options.stop);
    this.#calls = options.readsCalls ? new CallReader() : undefined;
  }

  add({ token, finishReason, logProbability }: GeneratedToken): ChoiceNews {
    const isEnd = finishReason === "stopToken";
    const bytes = isEnd ? undefined : this.#options.entries[token];
    const text = bytes ? this.#decoder.decode(bytes, { stream: true }) : "";
    const isTold = this.#options.hasLogprobs && !isEnd;
    const logprobs = logProbability && isTold ? [this.#entry(token, logProbability)] : [];
    const { told, mark } = this.#stops.add(text);
    if (mark !== undefined) return this.#end(told, logprobs, "stop");
    if (finishReason === undefined) return { parts: this.#said(told), logprobs };
    const rest = told + this.#stops.end() + this.#decoder.decode();
    return this.#end(rest, logprobs, finishOf(finishReason));
  }

  #end(text: string, logprobs: readonly LogprobEntry[], reason: "stop" | "length"): ChoiceNews {
    const parts = [...this.#said(text), ...this.#note(this.#calls?.end() ?? [])];
    const isCalled = reason === "stop" && this.#hasCalls && !this.#options.stopsAfterCall;
    return { parts, logprobs, finish: isCalled ? "tool_calls" : reason };
  }

  #said(text: string): readonly SaidPart[] {
    if (text === "") return [];
    return this.#calls ? this.#note(this.#calls.add(text)) : [{ kind: "text", text }];
  }

  #note(parts: readonly SaidPart[]): readonly SaidPart[] {
    this.#hasCalls ||= parts.some(({ kind }) => kind === "callStart");
    return parts;
  }

  #entry(token: number, { logProbability, top }: TokenLogProbability): LogprobEntry {
    return {
      ...this.#named(token, logProbability),
      top_logprobs: top.map((each) => this.#named(each.id, each.logProbability)),
    };
  }

  #named(token: number, logprob: number): Omit<LogprobEntry, "top_logprobs"> {
    const bytes = this.#options.entries[token] ?? new Uint8Array();
    return { token: Buffer.from(bytes).toString(), logprob, bytes: [...bytes] };
  }
}

const finishOf = (reason: FinishReason): "stop" | "length" =>
  reason === "stopToken" || reason === "complete" ? "stop" : "length";
