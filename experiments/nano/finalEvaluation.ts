import {
  DecodeEngine,
  sharedParameters,
  writeFileAtomic,
  type Decoder,
  type ExperimentContext,
} from "seedbed";

import type { NanoData } from "./data/buildNanoData.ts";
import { endOfTurn, renderChat } from "./data/chat.ts";
import { evaluatedRows, evaluateModel, evaluationMetrics } from "./evaluation/evaluateModel.ts";
import { greedyTurns } from "./evaluation/greedyTurns.ts";
import type { NanoTrainingSettings } from "./settings.ts";

/** What a trained model says and is worth, with the arrays that it was trained in. */
export async function finalEvaluation(
  context: Pick<ExperimentContext, "run" | "print" | "signal">,
  settings: Pick<NanoTrainingSettings, "data" | "sampling" | "evaluation">,
  data: NanoData,
  model: Decoder,
): Promise<Record<string, number>> {
  const { print, signal } = context;
  const weights = sharedParameters(model.parameters);
  const engine = new DecodeEngine({ config: model.config, weights, rows: evaluatedRows });
  try {
    await sayAnswers(context, settings.sampling, data, engine);
    const { limit, documents } = settings.evaluation;
    if (limit === 0) return {};
    const { length } = settings.data;
    const evaluation = await evaluateModel({
      ...{ engine, data, limit, documents, length, print, signal },
    });
    return evaluationMetrics(evaluation, "test");
  } finally {
    await engine.dispose();
  }
}

async function sayAnswers(
  { run: record, print }: Pick<ExperimentContext, "run" | "print">,
  { questions, length }: NanoTrainingSettings["sampling"],
  { tokenizer }: NanoData,
  engine: DecodeEngine,
): Promise<void> {
  const prompts = questions.map((content) => {
    const text = renderChat([{ role: "user", content }], { addGenerationPrompt: true });
    return { ids: tokenizer.textIds(text), length };
  });
  const said = await greedyTurns(prompts, { engine, end: tokenizer.idOf(endOfTurn)! });
  const lines = questions.map((question, i) => `> ${question}\n${tokenizer.decode(said[i]!)}`);
  print(lines.join("\n\n"));
  writeFileAtomic(record.path("answers.txt"), `${lines.join("\n\n")}\n`);
}
