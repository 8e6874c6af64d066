import type { DecodeEngine, Tokenizer } from "seedbed";

import { endOfTurn, renderChat } from "./data/chat.ts";

/** What a model answers to a question by itself, always saying what it thinks likeliest. */
export async function answer(
  engine: DecodeEngine,
  tokenizer: Tokenizer,
  question: string,
  length: number,
): Promise<string> {
  const prompt = renderChat([{ role: "user", content: question }], { addGenerationPrompt: true });
  const end = tokenizer.idOf(endOfTurn);
  const said: number[] = [];
  await engine.reset(0);
  let token = likeliest(await engine.prefill(0, tokenizer.textIds(prompt)));
  while (token !== end && said.length < length) {
    said.push(token);
    const [logits] = await engine.step([{ row: 0, token }]);
    token = likeliest(logits!);
  }
  return tokenizer.decode(said);
}

const likeliest = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));
