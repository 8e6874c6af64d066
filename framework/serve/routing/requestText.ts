import type { RequestedMessage } from "../chat/chatRequest.ts";

/** The text of a message; its pictures have none. */
export function messageText({ content }: Pick<RequestedMessage, "content">): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text = "" }) => text).join("\n");
}

/** What users have said in a conversation. */
export function userText(messages: readonly RequestedMessage[]): string {
  return messages
    .filter(({ role }) => role === "user")
    .map(messageText)
    .join("\n");
}

/** What a user said last. */
export function lastUserText(messages: readonly RequestedMessage[]): string {
  const last = messages.findLast(({ role }) => role === "user");
  return last ? messageText(last) : "";
}
