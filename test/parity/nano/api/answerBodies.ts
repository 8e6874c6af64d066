/** @file What we read of the bodies and events of OpenAI's API. */

export interface Usage {
  readonly total_tokens: number;
  /** Of a chat. */
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  /** Of a response. */
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly input_tokens_details?: { readonly cached_tokens: number };
}

export interface LogProbability {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs?: readonly LogProbability[];
}

export interface Call {
  readonly index?: number;
  readonly id?: string;
  readonly function: { readonly name?: string; readonly arguments: string };
}

export interface Message {
  readonly role?: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly Call[];
}

export interface Choice {
  readonly index: number;
  /** Of a chunk, and of a body. */
  readonly delta?: Message;
  readonly message?: Message;
  readonly logprobs: { readonly content: readonly LogProbability[] } | null;
  readonly finish_reason: string | null;
}

/** A chat's completion, or a chunk of one. */
export interface ChatBody {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly Choice[];
  readonly usage?: Usage | null;
}

export interface OutputItem {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  /** Of a message. */
  readonly content?: readonly { readonly text: string }[];
  /** Of a call. */
  readonly name?: string;
  readonly arguments?: string;
}

export interface ResponseBody {
  readonly id: string;
  readonly status: string;
  readonly output: readonly OutputItem[];
  readonly usage: Usage | null;
}

export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly response?: ResponseBody;
  readonly output_index?: number;
  readonly item?: OutputItem;
  readonly item_id?: string;
  readonly delta?: string;
  readonly part?: { readonly text: string };
  readonly text?: string;
  readonly arguments?: string;
}
