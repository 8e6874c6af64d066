import type { TemplateMessage } from "../pictures/pictureTemplate.ts";

/** Messages of a conversation, and the units that they belong to. */
export interface ConversationUnits {
  readonly messages: readonly TemplateMessage[];
  /** Of each message; undefined for those that always stay, the system's. */
  readonly unitOf: readonly (number | undefined)[];
  readonly count: number;
}

/**
 * A unit is a user's turn with all that it caused: answers, calls and their results, which are useless
 * without each other. Only the system's messages belong to none.
 */
export function conversationUnits(messages: readonly TemplateMessage[]): ConversationUnits {
  let unit = -1;
  let last: string | undefined;
  const unitOf = messages.map(({ role }) => {
    if (role === "system") return undefined;
    if (unit < 0 || (role === "user" && last !== "user")) unit++;
    last = role;
    return unit;
  });
  return { messages, unitOf, count: unit + 1 };
}

/** Messages of units from one on, with those that always stay. */
export function messagesFrom(
  { messages, unitOf }: ConversationUnits,
  first: number,
): readonly TemplateMessage[] {
  return messages.filter((_, i) => (unitOf[i] ?? first) >= first);
}

/** Messages of units `[from, to)`. */
export function messagesOf(
  { messages, unitOf }: ConversationUnits,
  from: number,
  to: number,
): readonly TemplateMessage[] {
  return messages.filter((_, i) => {
    const unit = unitOf[i];
    return unit !== undefined && unit >= from && unit < to;
  });
}
