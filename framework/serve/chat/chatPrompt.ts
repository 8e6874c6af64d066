import { InputError } from "../../base/errors.ts";
import { ApiError } from "../apiError.ts";
import type { Asker } from "../asker.ts";
import { parseBounded } from "../boundedJson.ts";
import { fitConversation, type ConversationWriter } from "../conversation/fitConversation.ts";
import { checkReadable, checkWindow, textBytes, tooLong } from "../conversation/textBytes.ts";
import { nothingDropped, type TruncationReport } from "../conversation/truncationReport.ts";
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
  /** Most tokens of an answer. */
  readonly room: number;
  /** What was dropped, where something may be. */
  readonly truncation?: TruncationReport;
}

/**
 * What a request becomes for the model. Pictures are fetched and checked, once for a request however
 * often this is asked, but not decoded.
 *
 * @param asker whose leaving ends the fetching of pictures, and who pays for summaries
 * @throws {ApiError} for messages that the model cannot read, or has no room for
 */
export async function chatPrompt(
  service: LanguageService,
  request: ChatRequest,
  asker: Asker,
): Promise<ChatPrompt> {
  const { truncation: strategy, max_completion_tokens, max_tokens } = request;
  const answerTokens = max_completion_tokens ?? max_tokens ?? undefined;
  if (strategy === "streaming") {
    checkEndless(service);
    const writer = await ChatWriter.open(service, request, asker.signal, checkReadable);
    return streamed(service, await writer.prompt(), answerTokens);
  }
  if (!strategy || strategy === "disabled") {
    const writer = await ChatWriter.open(service, request, asker.signal, checkWindow);
    return whole(service, await writer.prompt());
  }
  const writer = await ChatWriter.open(service, request, asker.signal);
  const { messages, report } = await fitConversation(writer.messages, {
    ...{ service, asker, strategy, answerTokens, writer },
  });
  return { ...whole(service, await writer.prompt(messages)), truncation: report };
}

/**
 * Tokens that all of a request becomes, also where there is no room for them.
 *
 * @throws {ApiError} for messages that the model cannot read
 */
export async function countChatTokens(
  service: LanguageService,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<number> {
  const writer = await ChatWriter.open(service, request, signal, checkReadable);
  return (await writer.prompt()).tokens.length;
}

type WrittenChat = Omit<ChatPrompt, "room">;

function whole({ window }: LanguageService, written: WrittenChat): ChatPrompt {
  const { length } = written.tokens;
  if (length < window) return { ...written, room: window - length };
  throw tooLong(window, `${length} tokens`);
}

/** @throws {ApiError} where a model sees no more than its window */
function checkEndless({ name, isEndless }: LanguageService): void {
  if (isEndless) return;
  throw new ApiError(
    `The model \`${name}\` sees texts as a whole. Streaming needs a server that was started with --streaming.`,
    { param: "truncation" },
  );
}

function streamed(
  { window }: LanguageService,
  written: WrittenChat,
  answerTokens: number | undefined,
): ChatPrompt {
  const unseen_tokens = Math.max(0, written.tokens.length - window);
  const truncation = { strategy: "streaming" as const, ...nothingDropped, unseen_tokens };
  return { ...written, room: answerTokens ?? window, truncation };
}

/** A turn in whose company others are counted, since some templates begin with words of their own. */
const company: readonly TemplateMessage[] = [
  { role: "user", content: "." },
  { role: "assistant", content: "." },
];

/** Writes messages of a request as its model reads them. */
class ChatWriter implements ConversationWriter {
  readonly messages: readonly TemplateMessage[];
  readonly #service: LanguageService;
  readonly #tools: readonly object[];
  readonly #pictures: ReadonlyMap<TemplateMessage, readonly ShownPicture[]>;
  readonly #signal: AbortSignal;
  #companyTokens: number | undefined;

  private constructor(
    service: LanguageService,
    tools: readonly object[],
    pictures: ReadonlyMap<TemplateMessage, readonly ShownPicture[]>,
    signal: AbortSignal,
  ) {
    this.messages = [...pictures.keys()];
    this.#service = service;
    this.#tools = tools;
    this.#pictures = pictures;
    this.#signal = signal;
  }

  /** @param check refuses so many bytes of text, before anything else is done with them */
  static async open(
    service: LanguageService,
    request: ChatRequest,
    signal: AbortSignal,
    check: (service: LanguageService, bytes: number) => void = () => {},
  ): Promise<ChatWriter> {
    const messages = request.messages.map((message, i) => templateMessage(service, message, i));
    const tools = offeredTools(request);
    check(service, textBytes(messages, tools));
    const shown = await shownPictures(service, request.messages, signal); // of messages that are right
    const pictures = new Map(messages.map((message, i) => [message, shown[i] ?? []]));
    return new ChatWriter(service, tools, pictures, signal);
  }

  async prompt(messages: readonly TemplateMessage[] = this.messages): Promise<WrittenChat> {
    return { tokens: await this.write(messages), pictures: this.#picturesOf(messages) };
  }

  write(messages: readonly TemplateMessage[]): Promise<readonly number[]> {
    return this.#tokens(messages, this.#tools);
  }

  bytes(messages: readonly TemplateMessage[]): number {
    return textBytes(messages, this.#tools);
  }

  async count(messages: readonly TemplateMessage[]): Promise<number> {
    const isFirst = messages[0]?.role === "system";
    const counted = isFirst ? [...messages, ...company] : [...company, ...messages];
    this.#companyTokens ??= (await this.#tokens(company, [])).length;
    return (await this.#tokens(counted, [])).length - this.#companyTokens;
  }

  signature(messages: readonly TemplateMessage[]): unknown {
    return [messages, this.#picturesOf(messages).map(({ text }) => text)];
  }

  #picturesOf(messages: readonly TemplateMessage[]): readonly ShownPicture[] {
    return messages.flatMap((message) => this.#pictures.get(message) ?? []);
  }

  async #tokens(
    messages: readonly TemplateMessage[],
    tools: readonly object[],
  ): Promise<readonly number[]> {
    try {
      const pictures = this.#picturesOf(messages);
      return await this.#service.promptTokens(messages, tools, pictures, this.#signal);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      throw new ApiError(cause.message, { param: "messages", cause });
    }
  }
}

/** Pictures of each message. */
async function shownPictures(
  { sight, pictures }: LanguageService,
  messages: readonly RequestedMessage[],
  signal: AbortSignal,
): Promise<readonly (readonly ShownPicture[])[]> {
  if (!sight) return [];
  const given = messages.map(({ content }, i) =>
    partsOf(content).flatMap((part, j) =>
      isPicture(part) ? [{ part, param: `messages[${i}].content[${j}].image_url` }] : [],
    ),
  );
  const read = [...(await pictures.read(given.flat(), signal))];
  return given.map((each) =>
    each.map(({ part, param }) => sight.shown(read.shift()!, part, param)),
  );
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
