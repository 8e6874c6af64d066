/** A call of a function. */
export interface Call {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

/** A message of a chat, as OpenAI's API has it. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | readonly Part[] | null;
  readonly tool_calls?: readonly Call[];
  readonly tool_call_id?: string;
}

/** What a part of a stream adds to a message. */
export interface Delta {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

/** A message with what has come of it. */
export function extended(message: Message, { content, tool_calls: deltas }: Delta): Message {
  const before = typeof message.content === "string" ? message.content : "";
  const calls = [...(message.tool_calls ?? [])];
  for (const { index, id, function: called } of deltas ?? []) {
    const known = calls[index];
    calls[index] = {
      id: id ?? known?.id ?? "",
      type: "function",
      function: {
        name: called?.name ?? known?.function.name ?? "",
        arguments: (known?.function.arguments ?? "") + (called?.arguments ?? ""),
      },
    };
  }
  return {
    ...message,
    content: before + (content ?? ""),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Calls of a chat that have no result yet. */
export function openCalls(messages: readonly Message[]): readonly Call[] {
  const answered = new Set(messages.map((message) => message.tool_call_id));
  return messages
    .flatMap((message) => message.tool_calls ?? [])
    .filter((call) => !answered.has(call.id));
}
