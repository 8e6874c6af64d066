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

/**
 * Tokens of one answer as what a client is told: whole characters, without stop texts. These end what
 * is said as text; in a call's name and arguments, and what marks it, they mean nothing.
 */
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
    const isLast = finishReason !== undefined;
    const said = isLast ? text + this.#decoder.decode() : text;
    const { parts, isStopped } = this.#untilStop(this.#read(said, isLast));
    if (isStopped) return { parts, logprobs, finish: this.#finish("stop") };
    if (!isLast) return { parts, logprobs };
    const rest = textPart(this.#stops.end());
    return { parts: [...parts, ...rest], logprobs, finish: this.#finish(finishOf(finishReason)) };
  }

  #read(text: string, isLast: boolean): readonly SaidPart[] {
    if (!this.#calls) return textPart(text);
    return [...this.#calls.add(text), ...(isLast ? this.#calls.end() : [])];
  }

  /** Parts before a stop text, where there is one. */
  #untilStop(read: readonly SaidPart[]): { parts: readonly SaidPart[]; isStopped: boolean } {
    const parts: SaidPart[] = [];
    for (const part of read) {
      if (part.kind === "text") {
        const { told, mark } = this.#stops.add(part.text);
        parts.push(...textPart(told));
        if (mark !== undefined) return { parts, isStopped: true };
      } else {
        this.#hasCalls = true;
        parts.push(...textPart(this.#stops.end()), part);
      }
    }
    return { parts, isStopped: false };
  }

  #finish(reason: "stop" | "length"): ChoiceFinish {
    const isCalled = reason === "stop" && this.#hasCalls && !this.#options.stopsAfterCall;
    return isCalled ? "tool_calls" : reason;
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

const textPart = (text: string): readonly SaidPart[] =>
  text === "" ? [] : [{ kind: "text", text }];
