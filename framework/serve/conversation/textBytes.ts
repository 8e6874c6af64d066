import { ApiError } from "../apiError.ts";
import type { LanguageService } from "../languageService.ts";
import type { TemplateMessage } from "../pictures/pictureTemplate.ts";

/**
 * Bytes of text that are turned into tokens at once, whatever the window: other long texts wait for it,
 * about a second.
 */
export const mostBytesAtOnce: number = 2 ** 20;

type Limits = Pick<LanguageService, "window" | "windowBytes">;

/** Bytes of the texts, calls and tools that a prompt is made of. */
export function textBytes(
  messages: readonly TemplateMessage[],
  tools: readonly object[] = [],
): number {
  const texts = messages.flatMap(({ content, tool_calls: calls, tool_call_id: id }) => [
    ...(typeof content === "string" ? [content] : (content ?? []).map(textOf)),
    ...(calls ? [JSON.stringify(calls)] : []),
    ...(typeof id === "string" ? [id] : []),
  ]);
  if (tools.length > 0) texts.push(JSON.stringify(tools));
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

const textOf = (part: Exclude<TemplateMessage["content"], string | null>[number]): string =>
  part.type === "text" ? part.text : "";

/** @throws {ApiError} for what has more tokens than a window, as is plain before they are counted */
export function checkWindow({ window, windowBytes }: Limits, bytes: number): void {
  if (bytes > windowBytes) throw tooLong(window, `more: they have ${bytes} bytes`);
}

/** @throws {ApiError} for what is too long to be turned into tokens, whether there is room for it or not */
export function checkReadable({ windowBytes }: Limits, bytes: number): void {
  const most = Math.max(windowBytes, mostBytesAtOnce);
  if (bytes <= most) return;
  throw new ApiError(
    `Expected messages of at most ${most} bytes, got ${bytes}. Please reduce the length of the messages.`,
    { param: "messages", code: "context_length_exceeded" },
  );
}

/** @param found what the messages come to */
export const tooLong = (window: number, found: string): ApiError =>
  new ApiError(
    `This model's maximum context length is ${window} tokens. However, your messages resulted in ${found}. Please reduce the length of the messages.`,
    { param: "messages", code: "context_length_exceeded" },
  );
