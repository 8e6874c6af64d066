import { ApiError } from "../apiError.ts";
import type {
  ChatRequest,
  OfferedTool,
  RequestedMessage,
  ResponseFormat,
  ToolChoice,
} from "../chat/chatRequest.ts";
import type { ContentPart, ConversationItem } from "./responseItems.ts";
import type { ResponseInput, ResponseRequest } from "./responseRequest.ts";

/**
 * The chat that is the same as a request for a response.
 *
 * @param items the whole conversation, without instructions
 * @throws {ApiError} for what a chat cannot hold
 */
export function chatOfResponse(
  request: ResponseInput & Partial<ResponseRequest>,
  items: readonly ConversationItem[],
): ChatRequest {
  const { model, instructions, tools, tool_choice: choice, text } = request;
  const offered = (tools ?? []).map(offeredTool);
  const asked = choice === undefined || choice === null ? undefined : toolChoice(choice);
  const hasChoice = offered.length > 0 || (asked !== "auto" && asked !== "none");
  return {
    model,
    messages: [
      ...(instructions ? [{ role: "system", content: instructions } as const] : []),
      ...messagesOf(items),
    ],
    max_completion_tokens: request.max_output_tokens ?? null,
    ...{ temperature: request.temperature ?? null, top_p: request.top_p ?? null },
    ...(hasLogprobs(request) && { logprobs: true, top_logprobs: request.top_logprobs ?? 0 }),
    ...(offered.length > 0 && { tools: offered }),
    ...(asked !== undefined && hasChoice && { tool_choice: asked }),
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    truncation: request.truncation ?? null,
    ...(text?.format && { response_format: responseFormat(text.format) }),
  };
}

export const hasLogprobs = ({ include }: Pick<ResponseRequest, "include">): boolean =>
  include?.includes("message.output_text.logprobs") === true;

function offeredTool({
  name,
  description,
  parameters,
  strict,
}: NonNullable<ResponseInput["tools"]>[number]): OfferedTool {
  return {
    type: "function",
    function: {
      name,
      ...(typeof description === "string" && { description }),
      ...(parameters && { parameters }),
      ...(strict !== undefined && { strict }),
    },
  };
}

function toolChoice(choice: NonNullable<ResponseInput["tool_choice"]>): ToolChoice {
  if (typeof choice === "string") return choice;
  const named = (name: string) => ({ type: "function", function: { name } }) as const;
  if (choice.type === "function") return named(choice.name);
  const { mode, tools } = choice;
  const allowed = { mode, tools: tools.map(({ name = "" }) => named(name)) };
  return { type: "allowed_tools", allowed_tools: allowed };
}

function responseFormat(
  format: NonNullable<NonNullable<ResponseInput["text"]>["format"]>,
): ResponseFormat {
  if (format.type !== "json_schema") return { type: format.type };
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

/** Messages, where calls belong to what was said before them. */
function messagesOf(items: readonly ConversationItem[]): RequestedMessage[] {
  checkCalls(items);
  const messages: RequestedMessage[] = [];
  for (const item of items) {
    if (item.type === "function_call_output") {
      const content = contentOf(item.output);
      messages.push({ role: "tool", tool_call_id: item.call_id, content });
    } else if (item.type === "function_call") {
      const { call_id: id, name, arguments: given } = item;
      const call = { id, type: "function", function: { name, arguments: given } };
      const last = messages.at(-1);
      if (last?.role === "assistant") {
        const calls = [...(last.tool_calls ?? []), call];
        messages.splice(-1, 1, { ...last, tool_calls: calls });
      } else messages.push({ role: "assistant", content: null, tool_calls: [call] });
    } else messages.push({ role: item.role, content: contentOf(item.content) });
  }
  return messages;
}

/** @throws {ApiError} for calls without their outputs, and outputs without their calls */
function checkCalls(items: readonly ConversationItem[]): void {
  const open = new Set<string>();
  for (const item of items) {
    if (item.type === "function_call") open.add(item.call_id);
    if (item.type !== "function_call_output" || open.delete(item.call_id)) continue;
    throw new ApiError(
      `No tool call found for function call output with call_id ${item.call_id}.`,
      {
        param: "input",
      },
    );
  }
  const [missing] = open;
  if (missing === undefined) return;
  throw new ApiError(`No tool output found for function call ${missing}.`, { param: "input" });
}

type Parts = Exclude<RequestedMessage["content"], string | null | undefined>;

function contentOf(content: string | readonly ContentPart[]): string | Parts {
  return typeof content === "string" ? content : content.map(chatPart);
}

function chatPart(part: ContentPart): Parts[number] {
  switch (part.type) {
    case "input_text":
    case "output_text":
    case "text":
      return { type: "text", text: part.text ?? "" };
    case "refusal":
      return { type: "text", text: part.refusal ?? "" };
    case "input_image":
      return imagePart(part);
    default:
      throw new ApiError(`Content parts of type '${part.type}' are not supported by this server.`, {
        param: "input",
      });
  }
}

function imagePart({ image_url: url, detail }: ContentPart): Parts[number] {
  if (typeof url === "string") {
    const part = { type: "image_url", image_url: { url, ...(detail && { detail }) } };
    return part;
  }
  throw new ApiError("Expected an image_url of a picture: files are not kept by this server.", {
    param: "input",
  });
}

/** What is wrong with a chat, by the names that a request for a response has. */
export function responseProblem(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { param, type, code } = error.body.error;
  const own = param
    ?.replace(/^messages.*/, "input")
    .replace(/^response_format/, "text.format")
    .replace(/^(tools\[\d+\])\.function/, "$1")
    .replace(/^max_completion_tokens/, "max_output_tokens");
  return new ApiError(error.message, {
    ...{ status: error.status, type, cause: error },
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...(own !== undefined && { param: own }),
    ...(code !== null && { code }),
  });
}
