import type { DecodeEngine } from "seedbed";

import type { NanoData } from "../data/buildNanoData.ts";
import { perplexity } from "./perplexity.ts";
import { taskScores, type TaskScores } from "./taskScores.ts";

/**
 * Texts that are decoded at a time. Models are compared with equally many: int8 rounds the features of
 * all together.
 */
export const evaluatedRows: number = 8;

export interface EvaluateModelOptions {
  readonly engine: DecodeEngine;
  readonly data: Pick<NanoData, "tokenizer" | "evaluation" | "chat" | "prose">;
  /** Most items of each group of tasks; null: all. */
  readonly limit: number | null;
  /** Most documents of each set whose perplexity is measured; null: all. */
  readonly documents: number | null;
  /** Longest piece of a document, as the model was trained with. */
  readonly length: number;
  readonly split?: "validation" | "test";
  readonly print: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How well a language model does. */
export interface ModelEvaluation extends TaskScores {
  /** Of what the assistant says in dialogues. */
  readonly perplexity: number;
  readonly prosePerplexity: number;
}

/** What a model is worth: scores of tasks, and perplexities of dialogues and of prose. */
export async function evaluateModel(options: EvaluateModelOptions): Promise<ModelEvaluation> {
  const { engine, data, limit, documents, length, split = "test", print } = options;
  const signal = options.signal ? { signal: options.signal } : {};
  const { tokenizer, evaluation } = data;
  const onProgress = everyTenth((share, of) => print(`evaluating: ${share} of ${of} tasks`));
  const scores = await taskScores({
    ...{ engine, tokenizer, evaluation, split, limit, onProgress },
    ...signal,
  });
  const measured = { length, limit: documents, ...signal };
  return {
    ...scores,
    perplexity: await perplexity(engine, data.chat[split], { ...measured, rests: false }),
    prosePerplexity: await perplexity(engine, data.prose[split], measured),
  };
}

/** Tells of a tenth of all things whenever one more is done. */
function everyTenth(tell: (done: number, of: number) => void): (done: number, of: number) => void {
  return (done, of) => {
    if (Math.floor((10 * done) / of) > Math.floor((10 * (done - 1)) / of)) tell(done, of);
  };
}

/** Numbers of an evaluation by their metrics' names; what could not be measured is left out. */
export function evaluationMetrics(
  { score, groups, calls, perplexity: chat, prosePerplexity }: ModelEvaluation,
  prefix: string,
): Record<string, number> {
  const all = { score, ...groups, ...calls, perplexity: chat, prosePerplexity };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => [`${prefix}/${name}`, value]),
  );
}
