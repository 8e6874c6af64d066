import type { TemplateMessage } from "../pictures/pictureTemplate.ts";

/** Messages of a conversation, and the units that they belong to. */
export interface ConversationUnits {
  readonly messages: readonly TemplateMessage[];
  /** Of each message; undefined for those that always stay, the system's. */
  readonly unitOf: readonly (number | undefined)[];
  /** Messages of each unit. */
  readonly units: readonly (readonly TemplateMessage[])[];
}

/**
 * A unit is a user's turn with all that it caused: answers, calls and their results, which are useless
 * without each other. Only the system's messages belong to none.
 */
export function conversationUnits(messages: readonly TemplateMessage[]): ConversationUnits {
  const units: TemplateMessage[][] = [];
  let last: string | undefined;
  const unitOf = messages.map((message) => {
    const { role } = message;
    if (role === "system") return undefined;
    if (units.length === 0 || (role === "user" && last !== "user")) units.push([]);
    last = role;
    units.at(-1)!.push(message);
    return units.length - 1;
  });
  return { messages, unitOf, units };
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
  { units }: ConversationUnits,
  from: number,
  to: number,
): readonly TemplateMessage[] {
  return units.slice(from, to).flat();
}
