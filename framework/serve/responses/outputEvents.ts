import type { SaidPart } from "../chat/callReader.ts";
import type { ChoiceNews, LogprobEntry } from "../chat/chatChoice.ts";
import type { OutputItem } from "./responseItems.ts";

/** An event about a response's output, but for its number. */
export interface OutputEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface OutputIds {
  /** Of the output's nth item. */
  readonly itemId: (kind: "msg" | "fc", index: number) => string;
  readonly newCallId: () => string;
}

interface MessageInProgress {
  readonly kind: "message";
  readonly id: string;
  text: string;
  readonly logprobs: LogprobEntry[];
}
interface CallInProgress {
  readonly kind: "call";
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  arguments: string;
}

/** Makes items of what a model says, and tells of them in the order that OpenAI's API has. */
export class OutputEvents {
  readonly #ids: OutputIds;
  readonly #hasLogprobs: boolean;
  readonly #items: OutputItem[] = [];
  #open: MessageInProgress | CallInProgress | undefined;
  /** Of tokens whose text is held back. */
  #logprobs: LogprobEntry[] = [];

  constructor(ids: OutputIds, { hasLogprobs }: { readonly hasLogprobs: boolean }) {
    this.#ids = ids;
    this.#hasLogprobs = hasLogprobs;
  }

  /** Items so far; the last one may not be whole. */
  get items(): readonly OutputItem[] {
    return this.#open ? [...this.#items, itemOf(this.#open, "incomplete")] : [...this.#items];
  }

  add({ parts, logprobs }: ChoiceNews): OutputEvent[] {
    if (this.#hasLogprobs) this.#logprobs.push(...logprobs);
    return parts.flatMap((part) => this.#add(part));
  }

  /** @param isWhole whether the model has come to an end itself */
  end(isWhole: boolean): OutputEvent[] {
    const isSilent = this.#items.length === 0 && !this.#open;
    const started = isSilent ? this.#beginMessage() : [];
    return [...started, ...this.#close(isWhole)];
  }

  #add(part: SaidPart): OutputEvent[] {
    if (part.kind === "callStart") return [...this.#close(true), this.#beginCall(part.name)];
    if (part.kind === "text") {
      const started = this.#open?.kind === "message" ? [] : this.#beginMessage();
      return [...started, this.#addText(part.text)];
    }
    if (this.#open?.kind !== "call") throw new Error("Arguments of no call");
    this.#open.arguments += part.text;
    return [
      {
        ...{ type: "response.function_call_arguments.delta", item_id: this.#open.id },
        ...{ output_index: this.#index, delta: part.text },
      },
    ];
  }

  get #index(): number {
    return this.#items.length;
  }

  #beginMessage(): OutputEvent[] {
    const closed = this.#close(true);
    const id = this.#ids.itemId("msg", this.#index);
    this.#open = { kind: "message", id, text: "", logprobs: [] };
    const item = { id, type: "message", status: "in_progress", role: "assistant", content: [] };
    const place = { item_id: id, output_index: this.#index, content_index: 0 };
    return [
      ...closed,
      { type: "response.output_item.added", output_index: this.#index, item },
      { type: "response.content_part.added", ...place, part: outputText("", []) },
    ];
  }

  #addText(delta: string): OutputEvent {
    const open = this.#open;
    if (open?.kind !== "message") throw new Error("Text of no message");
    const logprobs = this.#logprobs;
    this.#logprobs = [];
    open.text += delta;
    open.logprobs.push(...logprobs);
    return {
      ...{ type: "response.output_text.delta", item_id: open.id, output_index: this.#index },
      ...{ content_index: 0, delta, logprobs },
    };
  }

  #beginCall(name: string): OutputEvent {
    this.#logprobs = []; // of the call's own tokens
    const id = this.#ids.itemId("fc", this.#index);
    this.#open = { kind: "call", id, callId: this.#ids.newCallId(), name, arguments: "" };
    const item = itemOf(this.#open, "in_progress");
    return { type: "response.output_item.added", output_index: this.#index, item };
  }

  #close(isWhole: boolean): OutputEvent[] {
    const open = this.#open;
    if (!open) return [];
    const output_index = this.#index;
    const item = itemOf(open, isWhole ? "completed" : "incomplete");
    this.#open = undefined;
    this.#items.push(item);
    return [
      ...doneEvents(open, output_index),
      { type: "response.output_item.done", output_index, item },
    ];
  }
}

function doneEvents(open: MessageInProgress | CallInProgress, output_index: number): OutputEvent[] {
  const place = { item_id: open.id, output_index };
  if (open.kind === "call") {
    const { name, arguments: given } = open;
    const type = "response.function_call_arguments.done";
    return [{ type, ...place, name, arguments: given }];
  }
  const { text, logprobs } = open;
  const part = outputText(text, logprobs);
  return [
    { type: "response.output_text.done", ...place, content_index: 0, text, logprobs },
    { type: "response.content_part.done", ...place, content_index: 0, part },
  ];
}

function itemOf(
  open: MessageInProgress | CallInProgress,
  status: "in_progress" | "completed" | "incomplete",
): OutputItem {
  if (open.kind === "call") {
    const { id, callId, name, arguments: given } = open;
    return { id, type: "function_call", status, call_id: callId, name, arguments: given };
  }
  const content = [outputText(open.text, [...open.logprobs])];
  return { id: open.id, type: "message", status, role: "assistant", content };
}

const outputText = (text: string, logprobs: readonly LogprobEntry[]) =>
  ({ type: "output_text", text, annotations: [], logprobs }) as const;
