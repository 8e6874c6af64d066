import type { LogprobEntry } from "../chat/chatChoice.ts";

/** Whether an item is whole. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** A part of a message: `input_text`, `output_text`, `refusal`, `input_image`. */
export interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly image_url?: string | null;
  readonly detail?: string | null;
  readonly [key: string]: unknown;
}

export interface MessageItem {
  readonly type?: "message";
  readonly id?: string;
  readonly status?: ItemStatus | null;
  readonly role: "user" | "assistant" | "system" | "developer";
  readonly content: string | readonly ContentPart[];
}

export interface CallItem {
  readonly type: "function_call";
  readonly id?: string | null;
  readonly status?: ItemStatus | null;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What a called function gave. */
export interface CallOutputItem {
  readonly type: "function_call_output";
  readonly id?: string | null;
  readonly status?: ItemStatus | null;
  readonly call_id: string;
  readonly output: string | readonly ContentPart[];
}

/** An item of a response that is kept. */
export interface ItemReference {
  readonly type: "item_reference";
  readonly id: string;
}

/** What a conversation is made of. */
export type ConversationItem = MessageItem | CallItem | CallOutputItem;
export type RequestedItem = ConversationItem | ItemReference;

/** What a model has said: a text with its tokens' probabilities, if they were asked for. */
export interface OutputText {
  readonly type: "output_text";
  readonly text: string;
  readonly annotations: readonly never[];
  readonly logprobs: readonly LogprobEntry[];
}

export type OutputItem =
  | {
      readonly id: string;
      readonly type: "message";
      readonly status: ItemStatus;
      readonly role: "assistant";
      readonly content: readonly (OutputText & { readonly [key: string]: unknown })[];
    }
  | (CallItem & { readonly id: string; readonly status: ItemStatus });
