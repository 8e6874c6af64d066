import type { RequestedMessage } from "../chat/chatRequest.ts";

/** The text of a message; its pictures have none. */
export function messageText({ content }: Pick<RequestedMessage, "content">): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text = "" }) => text).join("\n");
}

/** Most characters of a text that routers look at: its beginning and its end. */
export const mostCharacters: number = 2 ** 17;

/** What users have said in a conversation, without the middle where that is long. */
export function userText(messages: readonly RequestedMessage[]): string {
  return looked(
    messages
      .filter(({ role }) => role === "user")
      .map(messageText)
      .join("\n"),
  );
}

/** What a user said last, without the middle where that is long. */
export function lastUserText(messages: readonly RequestedMessage[]): string {
  const last = messages.findLast(({ role }) => role === "user");
  return last ? looked(messageText(last)) : "";
}

function looked(text: string): string {
  if (text.length <= mostCharacters) return text;
  const half = mostCharacters / 2;
  return text.slice(0, half) + text.slice(-half);
}
