import { createHash } from "node:crypto";

import { DecodeEngine, generate, type DecodeEngineOptions, type Tokenizer } from "seedbed";

import { endOfTurn } from "../nano/data/chat.ts";
import type { Task } from "../nano/evaluation/taskScores.ts";
import type { AnswerStore, StoredAnswer } from "./answerStore.ts";

export interface AskModelOptions {
  readonly engine: DecodeEngineOptions;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  /** Answers that are known are not asked for again. */
  readonly store: AnswerStore;
  readonly onAnswer?: (done: number, of: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a model says to tasks, always what it thinks likeliest, one task at a time: int8 rounds the
 * features of all that are answered together.
 */
export async function askModel({
  engine: options,
  tokenizer,
  tasks,
  store,
  onAnswer,
  signal,
}: AskModelOptions): Promise<StoredAnswer[]> {
  const keys = tasks.map(keyOf);
  const missing = tasks.flatMap((task, i) =>
    store.get(keys[i]!) ? [] : [{ task, key: keys[i]! }],
  );
  if (missing.length > 0) {
    const engine = new DecodeEngine({ ...options, rows: 1 });
    const end = tokenizer.idOf(endOfTurn)!;
    try {
      for (const [i, { task, key }] of missing.entries()) {
        signal?.throwIfAborted();
        store.add(key, await answerTask(engine, task, tokenizer, end));
        onAnswer?.(i + 1, missing.length);
      }
    } finally {
      await engine.dispose();
    }
  }
  return keys.map((key) => store.get(key)!);
}

/** What a model says to one task. */
export async function answerTask(
  engine: DecodeEngine,
  { prompt }: Task,
  tokenizer: Tokenizer,
  end: number,
): Promise<StoredAnswer> {
  const room = Math.min(prompt.length, engine.capacity - prompt.ids.length);
  const [said] = await generate(engine, {
    ...{ prompts: [prompt.ids], maxNewTokens: room, stopTokens: [end], logProbabilities: 0 },
  });
  const { tokens, logProbabilities, finishReason } = said!;
  const sum = logProbabilities.reduce((total, each) => total + each.logProbability, 0);
  return {
    said: tokenizer.decode(tokens),
    promptTokens: prompt.ids.length,
    completionTokens: tokens.length,
    meanLogProbability: sum / logProbabilities.length,
    isCut: finishReason !== "stopToken",
  };
}

/** A task by what is asked, whatever else is. */
function keyOf({ prompt: { ids, length } }: Task): string {
  return createHash("sha256")
    .update(JSON.stringify([ids, length]))
    .digest("hex")
    .slice(0, 20);
}
