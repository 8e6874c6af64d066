import { ApiError } from "../apiError.ts";
import { parseBounded } from "../boundedJson.ts";
import type { LanguageService } from "../languageService.ts";
import type { PicturePart } from "../pictures/pictureReader.ts";
import type { TemplateMessage, TemplatePart } from "../pictures/pictureTemplate.ts";
import type { ShownPicture } from "../pictures/shownPicture.ts";
import { offeredTools } from "./chatConstraint.ts";
import type { ChatRequest, ContentPart, RequestedMessage } from "./chatRequest.ts";

/** What a request becomes for the model. */
export interface ChatPrompt {
  readonly tokens: readonly number[];
  /** In the order of their tokens. */
  readonly pictures: readonly ShownPicture[];
}

/**
 * What a request becomes for the model. Pictures are fetched and checked, once for a request however
 * often this is asked, but not decoded.
 *
 * @param signal ends the fetching of pictures
 * @throws {ApiError} for messages that the model cannot read, or has no room for
 */
export async function chatPrompt(
  service: LanguageService,
  request: ChatRequest,
  signal?: AbortSignal,
): Promise<ChatPrompt> {
  const prompt = await promptOf(service, request, signal);
  const { length } = prompt.tokens;
  if (length < service.window) return prompt;
  throw new ApiError(
    `This model's maximum context length is ${service.window} tokens. However, your messages resulted in ${length} tokens. Please reduce the length of the messages.`,
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
  signal?: AbortSignal,
): Promise<number> {
  return (await promptOf(service, request, signal)).tokens.length;
}

async function promptOf(
  service: LanguageService,
  request: ChatRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<ChatPrompt> {
  const messages = request.messages.map((message, i) => templateMessage(service, message, i));
  const pictures = await shownPictures(service, request.messages, signal);
  return { tokens: service.promptTokens(messages, offeredTools(request), pictures), pictures };
}

async function shownPictures(
  { sight, pictures }: LanguageService,
  messages: readonly RequestedMessage[],
  signal: AbortSignal,
): Promise<ShownPicture[]> {
  if (!sight) return [];
  const given = messages.flatMap(({ content }, i) =>
    partsOf(content).flatMap((part, j) =>
      isPicture(part) ? [{ part, param: `messages[${i}].content[${j}].image_url` }] : [],
    ),
  );
  const read = await pictures.read(given, signal);
  return given.map(({ part, param }, i) => sight.shown(read[i]!, part, param));
}

/** A message as templates know it. */
function templateMessage(
  { sight }: LanguageService,
  message: RequestedMessage,
  place: number,
): TemplateMessage {
  const { role, content = null, tool_calls: calls, tool_call_id: id } = message;
  const parts = partsOf(content).map((part): TemplatePart => {
    if (part.type === "text") return { type: "text", text: part.text ?? "" };
    const param = `messages[${place}].content`;
    if (!sight || !isPicture(part)) {
      const reason = `This model does not take content parts of type '${part.type}'.`;
      throw new ApiError(reason, { param });
    }
    if (role === "user") return { type: "image" };
    throw new ApiError(`Pictures are for messages of role 'user', not '${role}'.`, { param });
  });
  return {
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" || content === null ? content : joinedTexts(parts),
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

const partsOf = (content: RequestedMessage["content"]): readonly ContentPart[] =>
  typeof content === "object" && content !== null ? content : [];

const isPicture = (part: ContentPart): part is PicturePart =>
  part.type === "image_url" && part.image_url !== undefined;

/** Parts without a picture are one text. */
function joinedTexts(parts: readonly TemplatePart[]): string | readonly TemplatePart[] {
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return texts.length === parts.length ? texts.join("") : parts;
}
