import type { ChatUsage } from "../chat/chatAnswer.ts";
import type { OutputItem } from "./responseItems.ts";
import type { ResponseRequest } from "./responseRequest.ts";

export type ResponseStatus =
  | "queued"
  | "in_progress"
  | "completed"
  | "incomplete"
  | "failed"
  | "cancelled";

/** What changes of a response while it is made. */
export interface ResponseState {
  readonly status: ResponseStatus;
  readonly output: readonly OutputItem[];
  readonly usage: object | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: string } | null;
  /** Seconds since 1970. */
  readonly completed_at: number | null;
}

export interface ResponseHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Who answers. */
  readonly model: string;
  readonly isStored: boolean;
}

/** A response as OpenAI's API has it. */
export interface ResponseBody extends ResponseState {
  readonly id: string;
  readonly object: "response";
  readonly created_at: number;
  readonly background: boolean;
  readonly previous_response_id: string | null;
  readonly [key: string]: unknown;
}

export const beginning: ResponseState = {
  ...{ status: "in_progress", output: [], usage: null, error: null },
  ...{ incomplete_details: null, completed_at: null },
};

export function responseBody(
  { id, created, model, isStored }: ResponseHead,
  request: ResponseRequest,
  { status, error, incomplete_details, output, usage, completed_at }: ResponseState,
): ResponseBody {
  return {
    ...{ id, object: "response", created_at: created, status, background: !!request.background },
    ...{ completed_at, error, incomplete_details },
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    ...{ model, output, parallel_tool_calls: request.parallel_tool_calls ?? true },
    previous_response_id: request.previous_response_id ?? null,
    ...{ reasoning: { effort: null, summary: null }, store: isStored },
    ...{ service_tier: "default", temperature: request.temperature ?? 1 },
    text: { format: request.text?.format ?? { type: "text" } },
    ...{ tool_choice: request.tool_choice ?? "auto", tools: request.tools ?? [] },
    ...{ top_logprobs: request.top_logprobs ?? 0, top_p: request.top_p ?? 1 },
    truncation: request.truncation ?? "disabled",
    ...{ usage, user: request.user ?? null, metadata: request.metadata ?? {} },
    safety_identifier: request.safety_identifier ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
  };
}

/** Tokens that a response took, as OpenAI's API has them. */
export function responseUsage(usage: ChatUsage): object {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return {
    input_tokens: promptTokens,
    input_tokens_details: {
      cached_tokens: cachedTokens,
      cache_write_tokens: promptTokens - cachedTokens,
    },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
