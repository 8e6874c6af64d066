import type { Tokenizer } from "seedbed";

import { endOfTurn, renderChat, type ChatMessage, type ToolSpec } from "../data/chat.ts";
import type { CallPrompt, NanoEvaluation } from "../data/evaluationSets.ts";
import type { Question } from "../data/question.ts";
import { exactMatch, wordOverlap } from "../scores/exactMatch.ts";
import { meanScores } from "../scores/meanScores.ts";
import { scoreCalls } from "../scores/toolCalls.ts";
import { chooseItems } from "./chooseItems.ts";
import { greedyTurns, type GreedyTurnsOptions, type Prompt } from "./greedyTurns.ts";

/** A kind of task. */
export type TaskGroup =
  | "words"
  | "kinds"
  | "opposites"
  | "countries"
  | "rules"
  | "tools"
  | "toolsHeldOut";

/** In the order in which they are reported. */
export const taskGroups: readonly TaskGroup[] = [
  ...(["words", "kinds", "opposites", "countries", "rules"] as const),
  ...(["tools", "toolsHeldOut"] as const),
];

export interface TaskScoresOptions extends Omit<GreedyTurnsOptions, "end" | "onSaid"> {
  readonly tokenizer: Tokenizer;
  readonly evaluation: NanoEvaluation;
  /** Default: test. */
  readonly split?: "validation" | "test";
  /** Most items of each group, and a quarter as many without a call; null: all. Default: null. */
  readonly limit?: number | null;
  /** Told after each answer. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface TaskScores {
  /** Mean over the groups, each counting alike. */
  readonly score: number;
  /** In [0, 1]: right answers; of `words` how far they agree; of functions calls that are exactly right. */
  readonly groups: Readonly<Partial<Record<TaskGroup, number>>>;
  /** Tasks of each group, and of each share in `calls`. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Of both groups with functions: shares of valid calls, of calls of the right functions, and of the
   * tasks apart that no function fits and that got an answer without a call.
   */
  readonly calls: Readonly<Record<string, number>>;
}

/** An item with its prompt, and the scores that an answer gets by group. */
export interface Task {
  readonly group: TaskGroup;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSpec[];
  readonly prompt: Prompt;
  /** The first is what the answer is worth. Its group is the task's, or one that no score counts. */
  readonly scores: (said: string) => readonly { readonly group: string; readonly score: number }[];
}

/** So many tasks at most, for each of the limit, are best answered without a call. */
const uncalledShare = 0.25;
/** Most tokens of an answer: longer ones are wrong. */
const answerLength = 64;
const callLength = 192;

/**
 * Has a model answer questions and call functions, and compares with what is right. What it says is
 * always what it thinks likeliest.
 */
export async function taskScores(options: TaskScoresOptions): Promise<TaskScores> {
  const { tokenizer, onProgress, ...decoding } = options;
  const tasks = tasksOf(options);
  const said = await greedyTurns(
    tasks.map(({ prompt }) => prompt),
    {
      ...decoding,
      end: tokenizer.idOf(endOfTurn)!,
      onSaid: (done) => onProgress?.(done, tasks.length),
    },
  );
  const means = meanScores(tasks.flatMap(({ scores }, i) => scores(tokenizer.decode(said[i]!))));
  const groups = groupsOf(means);
  const calls = [...means.keys()].filter((key) => key.includes("."));
  const meanOf = (group: string): [string, number] => [group, means.get(group)!.mean];
  return {
    score: taskScore(means),
    groups: Object.fromEntries(groups.map(meanOf)),
    counts: Object.fromEntries(
      [...groups, ...calls].map((group) => [group, means.get(group)!.count]),
    ),
    calls: Object.fromEntries(calls.map(meanOf)),
  };
}

type Means = ReadonlyMap<string, { readonly mean: number }>;

const groupsOf = (means: Means): TaskGroup[] => taskGroups.filter((group) => means.has(group));

/** What a model is worth: the mean over the groups that there are, each counting alike. */
export function taskScore(means: Means): number {
  const groups = groupsOf(means);
  return groups.reduce((sum, group) => sum + means.get(group)!.mean, 0) / groups.length;
}

/** The tasks of a split, group by group. */
export function tasksOf({
  tokenizer,
  evaluation,
  split = "test",
  limit = null,
}: Pick<TaskScoresOptions, "tokenizer" | "evaluation" | "split" | "limit">): Task[] {
  const encode = (text: string): number[] => tokenizer.textIds(text);
  const questions = evaluation.questions[split];
  const calls = evaluation.calls[split];
  return taskGroups.flatMap((group): Task[] => {
    if (group === "tools" || group === "toolsHeldOut") {
      const isHeldOut = group === "toolsHeldOut";
      const own = calls.filter(({ heldOut }) => heldOut === isHeldOut);
      const isCalled = ({ calls: expected }: CallPrompt): boolean => expected.length > 0;
      const others = limit === null ? null : Math.ceil(limit * uncalledShare);
      return [
        ...choosePrompts(own.filter(isCalled), limit),
        ...choosePrompts(
          own.filter((each) => !isCalled(each)),
          others,
        ),
      ].map((each) => callTask(each, group, encode));
    }
    const own = questions.filter(({ source }) => source === group);
    const chosen = chooseItems(own, limit, ({ question }) => question);
    return chosen.map((each) => questionTask(each, group, encode));
  });
}

function choosePrompts(prompts: readonly CallPrompt[], limit: number | null): CallPrompt[] {
  return chooseItems(prompts, limit, ({ messages }) => JSON.stringify(messages));
}

function questionTask(
  { question, answer }: Question,
  group: TaskGroup,
  encode: (text: string) => number[],
): Task {
  const compare = group === "words" ? wordOverlap : exactMatch;
  const messages = [{ role: "user", content: question }] as const;
  const text = renderChat(messages, { addGenerationPrompt: true });
  return {
    ...{ group, messages, tools: [] },
    prompt: { ids: encode(text), length: answerLength },
    scores: (said) => [{ group, score: compare(answer, said) }],
  };
}

function callTask(
  { tools, messages, calls }: CallPrompt,
  group: TaskGroup,
  encode: (text: string) => number[],
): Task {
  const offered = tools.map(({ function: { name } }) => name);
  const text = renderChat(messages, { tools, addGenerationPrompt: true });
  return {
    ...{ group, messages, tools },
    prompt: { ids: encode(text), length: callLength },
    scores(said) {
      const { valid, names, exact } = scoreCalls(calls, said, offered);
      if (calls.length === 0) {
        return [{ group: `${group}.noCall`, score: said.trim() === "" ? 0 : exact }];
      }
      return [
        { group, score: exact },
        { group: `${group}.valid`, score: valid },
        { group: `${group}.names`, score: names },
      ];
    },
  };
}
