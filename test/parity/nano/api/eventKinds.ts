import type { ChatBody, ResponseEvent } from "./answerBodies.ts";
import type { ToldEvent } from "./transcripts.ts";

/** Which of several things an event is about. */
export interface Place {
  readonly choice: number | undefined;
  /** Of a chat's calls, or of what a response says. -1: none of them. */
  readonly call: number;
}

export function placeOf({ name, data }: ToldEvent): Place {
  if (data === undefined) return { choice: undefined, call: -1 };
  if (name !== undefined) {
    const { output_index: call = -1 }: ResponseEvent = Object(data);
    return { choice: undefined, call };
  }
  const [choice] = choicesOf(data);
  return { choice: choice?.index, call: choice?.delta?.tool_calls?.[0]?.index ?? -1 };
}

const choicesOf = (data: object): ChatBody["choices"] => Object(data).choices ?? [];

/** Kinds in their order, of equal neighbours one. */
export function kindsOf(events: readonly ToldEvent[]): string[] {
  const kinds = events.map(kindOf);
  return kinds.filter((kind, i) => kind !== kinds[i - 1]);
}

/** What an event tells, apart from the text in it: its name, or what a chunk brings. */
function kindOf(told: ToldEvent): string {
  const { name, data } = told;
  if (data === undefined) return "[DONE]";
  const { call } = placeOf(told);
  if (name !== undefined) return call === -1 ? name : `${name} ${call}`;
  const [choice] = choicesOf(data);
  if (!choice) return Object.keys(data).includes("error") ? "error" : "usage";
  return `${newsOf(choice)} of choice ${choice.index}`;
}

function newsOf({ delta = {}, finish_reason: finish }: ChatBody["choices"][number]): string {
  if (finish !== null) return `finish ${finish}`;
  if (delta.role !== undefined) return "role";
  const [called] = delta.tool_calls ?? [];
  if (!called) return Object.keys(delta).join();
  return `${called.id === undefined ? "arguments" : "name"} of call ${called.index}`;
}
