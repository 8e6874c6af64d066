import type { Call } from "../scores/toolCalls.ts";
import type { ChatMessage, ToolSpec } from "./chat.ts";
import type { Dialogue, DialogueKind } from "./dialogues.ts";
import type { Question } from "./question.ts";

/** A point of a dialogue at which the model is to call functions, or not. */
export interface CallPrompt {
  readonly kind: DialogueKind;
  /** Whether training saw none of the functions. */
  readonly heldOut: boolean;
  readonly tools: readonly ToolSpec[];
  readonly messages: readonly ChatMessage[];
  /** Empty where it is to answer without. */
  readonly calls: readonly Call[];
}

export interface NanoEvaluation {
  readonly questions: {
    readonly validation: readonly Question[];
    readonly test: readonly Question[];
  };
  readonly calls: {
    readonly validation: readonly CallPrompt[];
    readonly test: readonly CallPrompt[];
  };
}

export function evaluationSets(
  questions: readonly Question[],
  talks: Readonly<Record<"validation" | "test" | "heldOut", readonly Dialogue[]>>,
): NanoEvaluation {
  const promptsOf = (dialogues: readonly Dialogue[], heldOut: boolean): CallPrompt[] =>
    different(dialogues.map((each) => callPrompt(each, heldOut)));
  return {
    questions: {
      validation: questions.filter(({ split }) => split === "validation"),
      test: questions.filter(({ split }) => split === "test"),
    },
    calls: {
      validation: promptsOf(talks.validation, false),
      test: [...promptsOf(talks.test, false), ...promptsOf(talks.heldOut, true)],
    },
  };
}

/** The first of those that say the same, whatever functions they are offered. */
function different(prompts: readonly CallPrompt[]): CallPrompt[] {
  const first = new Map<string, CallPrompt>();
  for (const prompt of prompts) {
    const said = JSON.stringify(prompt.messages.filter(({ role }) => role !== "system"));
    if (!first.has(said)) first.set(said, prompt);
  }
  return [...first.values()];
}

/** The first call of a dialogue, with what stands before it; its first answer, if it has no call. */
function callPrompt({ kind, tools, messages }: Dialogue, heldOut: boolean): CallPrompt {
  const called = messages.findIndex((message) => message.tool_calls !== undefined);
  const at = called === -1 ? messages.findIndex(({ role }) => role === "assistant") : called;
  const calls = (messages[at]?.tool_calls ?? []).map(
    ({ function: { name, arguments: given } }) => ({
      name,
      arguments: JSON.parse(given),
    }),
  );
  return { kind, heldOut, tools, messages: messages.slice(0, at), calls };
}
