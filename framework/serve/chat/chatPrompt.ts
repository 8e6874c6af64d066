import { ApiError } from "../apiError.ts";
import { parseBounded } from "../boundedJson.ts";
import type { LanguageService } from "../languageService.ts";
import { offeredTools } from "./chatConstraint.ts";
import type { ChatRequest, RequestedMessage } from "./chatRequest.ts";

/** What a request becomes for the model. */
export interface ChatPrompt {
  readonly tokens: readonly number[];
}

/**
 * What a request becomes for the model.
 *
 * @throws {ApiError} for messages that the model cannot read, or has no room for
 */
export async function chatPrompt(
  service: LanguageService,
  request: ChatRequest,
): Promise<ChatPrompt> {
  const tokens = promptTokens(service, request);
  if (tokens.length < service.window) return { tokens };
  throw new ApiError(
    `This model's maximum context length is ${service.window} tokens. However, your messages resulted in ${tokens.length} tokens. Please reduce the length of the messages.`,
    { param: "messages", code: "context_length_exceeded" },
  );
}

/**
 * Tokens that all of a request becomes, also where there is no room for them.
 *
 * @throws {ApiError} for messages that the model cannot read
 */
export async function countChatTokens(
  service: LanguageService,
  request: ChatRequest,
): Promise<number> {
  return promptTokens(service, request).length;
}

function promptTokens(service: LanguageService, request: ChatRequest): number[] {
  const tools = offeredTools(request);
  const text = service.template.render(
    request.messages.map((message, i) => templateMessage(message, i)),
    { ...(tools.length > 0 && { tools }) },
  );
  return service.tokenizer.textIds(text);
}

/** A message as templates know it. */
function templateMessage(message: RequestedMessage, place: number) {
  const { role, content = null, tool_calls: calls, tool_call_id: id } = message;
  const parts = typeof content === "string" || content === null ? [] : content;
  const other = parts.find(({ type }) => type !== "text");
  if (other) {
    throw new ApiError(`This model does not take content parts of type '${other.type}'.`, {
      param: `messages[${place}].content`,
    });
  }
  const text = parts.length > 0 ? parts.map((part) => part.text ?? "").join("") : content;
  return {
    role: role === "developer" ? "system" : role,
    content: typeof text === "string" ? text : null,
    ...(calls && {
      tool_calls: calls.map(({ function: called, ...rest }) => ({
        ...rest,
        function: { ...called, arguments: argumentsOf(called.arguments, place) },
      })),
    }),
    ...(id !== undefined && { tool_call_id: id }),
  };
}

function argumentsOf(text: string, place: number): unknown {
  try {
    return parseBounded(text);
  } catch (cause) {
    throw new ApiError("Expected arguments of a call to be JSON.", {
      ...{ param: `messages[${place}].tool_calls`, cause },
    });
  }
}
