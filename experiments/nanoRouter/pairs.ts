import path from "node:path";

import { uncertainty, type DecodeEngineOptions, type RoutedRequest } from "seedbed";

import type { NanoData } from "../nano/data/buildNanoData.ts";
import { tasksOf, type Task } from "../nano/evaluation/taskScores.ts";
import { AnswerStore, type StoredAnswer } from "./answerStore.ts";
import { askModel } from "./askModel.ts";

/** An answer with what it is worth, in [0, 1]. */
export interface ScoredAnswer extends StoredAnswer {
  readonly score: number;
}

/** A request that both models have answered. */
export interface AnsweredPair {
  /** That its score belongs to: the task's, or `tools.noCall`, which nano's task score leaves out. */
  readonly group: string;
  readonly task: Task;
  readonly request: RoutedRequest;
  readonly weak: ScoredAnswer;
  readonly strong: ScoredAnswer;
}

/** A model that is asked. */
export interface AskedModel {
  readonly name: string;
  readonly engine: DecodeEngineOptions;
  /** Of its folder's content, which names its answers. */
  readonly sha256: string;
}

export interface AskPairsOptions {
  readonly weak: AskedModel;
  readonly strong: AskedModel;
  readonly data: Pick<NanoData, "tokenizer" | "evaluation">;
  readonly split: "validation" | "test";
  /** Most tasks of each group; null: all. */
  readonly limit: number | null;
  /** Where answers are kept. */
  readonly cacheFolder: string;
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Has both models answer a split's tasks, as far as they have not already. */
export async function askPairs(options: AskPairsOptions): Promise<AnsweredPair[]> {
  const { data, split, limit, weak, strong } = options;
  const tasks = tasksOf({ ...data, split, limit });
  const said = [await ask(weak, tasks, options), await ask(strong, tasks, options)] as const;
  return tasks.map((task, i) => answeredPair(task, said[0][i]!, said[1][i]!));
}

/** A task with both models' answers, and what they are worth. */
export function answeredPair(task: Task, weak: StoredAnswer, strong: StoredAnswer): AnsweredPair {
  const [inWeak, inStrong] = [task.scores(weak.said)[0]!, task.scores(strong.said)[0]!];
  return {
    ...{ group: inWeak.group, task },
    request: { request: requestOf(task), promptTokens: task.prompt.ids.length },
    weak: { ...weak, score: inWeak.score },
    strong: { ...strong, score: inStrong.score },
  };
}

function ask(
  { name, engine, sha256 }: AskedModel,
  tasks: readonly Task[],
  { data: { tokenizer }, split, cacheFolder, print, signal }: AskPairsOptions,
): Promise<StoredAnswer[]> {
  const store = new AnswerStore(path.join(cacheFolder, `${sha256.slice(0, 16)}.jsonl`));
  const onAnswer = (done: number, of: number): void => {
    if (done % 200 === 0 || done === of) print(`${name}: ${done} of ${of} answers, ${split}`);
  };
  return askModel({ engine, tokenizer, tasks, store, onAnswer, signal });
}

function requestOf({ messages, tools }: Task): RoutedRequest["request"] {
  const request: RoutedRequest["request"] = JSON.parse(JSON.stringify({ messages }));
  return tools.length === 0 ? request : { ...request, ...JSON.parse(JSON.stringify({ tools })) };
}

/** What a cascade thinks of an answer that is whole. */
export const uncertaintyOf = ({ said, isCut, meanLogProbability }: StoredAnswer): number =>
  uncertainty({ meanLogProbability, hasFailed: isCut || said.trim() === "" });
