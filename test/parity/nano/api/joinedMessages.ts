import type { Call, ChatBody } from "./answerBodies.ts";
import type { ToldEvent } from "./transcripts.ts";

/** What a choice comes to. */
export interface JoinedMessage {
  readonly index: number;
  readonly text: string;
  readonly calls: readonly JoinedCall[];
  readonly finish: string | null;
}

export interface JoinedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** The message of each choice that recorded chunks tell bit by bit. */
export function joinedMessages(events: readonly ToldEvent[]): JoinedMessage[] {
  const choices = events.flatMap(({ data }): ChatBody["choices"] => Object(data).choices ?? []);
  return [...new Set(choices.map(({ index }) => index))].map((index) => {
    const parts = choices.filter((choice) => choice.index === index);
    return {
      index,
      text: parts.map(({ delta }) => delta?.content ?? "").join(""),
      calls: joinedCalls(parts.flatMap(({ delta }) => delta?.tool_calls ?? [])),
      finish: parts.at(-1)!.finish_reason,
    };
  });
}

/** A call begins with its id and name; what follows has the end of its arguments. */
export function joinedCalls(parts: readonly Call[]): JoinedCall[] {
  const calls: JoinedCall[] = [];
  for (const { id, function: called } of parts) {
    const last = calls.at(-1);
    if (id !== undefined) calls.push({ id, name: called.name!, arguments: called.arguments });
    else if (last) {
      calls[calls.length - 1] = { ...last, arguments: last.arguments + called.arguments };
    }
  }
  return calls;
}
