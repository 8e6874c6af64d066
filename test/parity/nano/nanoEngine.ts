import { expect } from "chai";

import {
  DecodeEngine,
  type DecodeEngineOptions,
  type Logits,
} from "../../../framework/decode/decodeEngine.ts";
import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";
import { expectClose, rowOf, type Golden } from "../fixtureSet.ts";

export type EngineOptions = Partial<Omit<DecodeEngineOptions, "weights">>;

/** Of logits: float32 sums in another order, through all layers. */
export const logitsTolerance = 1e-4;

/**
 * Lets a function use an engine, which is freed after it.
 *
 * @param model a folder of transformers with a language model by itself
 */
export async function withEngine(
  model: string,
  options: EngineOptions,
  use: (engine: DecodeEngine) => Promise<void>,
): Promise<void> {
  const { config, tensors: weights } = readModelFolder(model);
  const engine = new DecodeEngine({
    ...{ threads: 2, ...options, weights },
    config: options.config ?? readDecoderConfig(config),
  });
  try {
    await use(engine);
  } finally {
    await engine.dispose();
  }
}

/** Token ids of one text of an array `[texts, tokens]`. */
export function textOf(golden: Golden, name: string, text: number): number[] {
  return Array.from(rowOf(golden.host(name), text).values);
}

/** Compares logits of all tokens of a text, or of all from one on, as {@link compareLogits} does. */
export function compareAllLogits(
  golden: Golden,
  name: string,
  logits: Logits,
  { text = 0, from = 0 }: { text?: number; from?: number } = {},
): void {
  expect(from + logits.length, `tokens of ${name}`).to.equal(golden.host(name).shape[1]);
  compareLogits(golden, name, logits, { text, from });
}

/**
 * Compares logits of consecutive tokens with those of one text of an array
 * `[texts, tokens, vocab_size]`.
 *
 * @param from the first of these tokens
 */
export function compareLogits(
  golden: Golden,
  name: string,
  logits: Logits,
  { text = 0, from = 0, what = name }: { text?: number; from?: number; what?: string } = {},
): void {
  const { shape, values } = rowOf(golden.host(name), text);
  const [tokens = 0, size = 0] = shape;
  expect(from + logits.length, `tokens of ${what}`).to.be.at.most(tokens);
  const expected = values.slice(from * size, (from + logits.length) * size);
  const joined = Float32Array.from(logits.flatMap((each) => [...each]));
  const range = [logits.length, size];
  expectClose(
    what,
    { shape: range, values: joined },
    { shape: range, values: expected },
    logitsTolerance,
  );
}
