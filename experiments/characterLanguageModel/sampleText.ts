import * as tf from "@tensorflow/tfjs";
import { RandomStream, type Compile } from "seedbed";

import type { Corpus } from "./dataset.ts";
import type { Transformer } from "./transformer.ts";

export interface SampleTextOptions {
  model: Transformer;
  characters: Corpus["characters"];
  context: number;
  /** What the texts begin with, at least one character; unknown characters are refused. */
  prompts: readonly string[];
  /** Characters to add to each. */
  length: number;
  /** Below 1 the probable becomes more probable. */
  temperature: number;
  seed: number;
  compile: Compile;
  signal: AbortSignal;
}

/**
 * Texts that go on from the prompts, drawn character by character.
 *
 * @throws {RangeError} when a prompt is empty or has a character that the model does not know
 */
export async function sampleTexts(options: SampleTextOptions): Promise<string[]> {
  const { model, characters, context, prompts, length, temperature, seed, signal } = options;
  const texts = prompts.map((prompt) => idsOf(prompt, characters));
  const random = new RandomStream(seed, "sample text");
  const forward = options.compile(({ ids }: { ids: tf.Tensor }) => ({ logits: model.logits(ids) }));
  try {
    for (let i = 0; i < length; i++) {
      signal.throwIfAborted();
      const windows = texts.map((text) => text.slice(-context));
      const rows = await nextLogits(forward, windows, context, characters.length);
      for (const [j, text] of texts.entries()) text.push(draw(rows[j]!, temperature, random));
    }
  } finally {
    forward.dispose();
  }
  return texts.map((text) => text.map((id) => characters[id]!).join(""));
}

function idsOf(prompt: string, characters: readonly string[]): number[] {
  const ids = Array.from(prompt, (character) => characters.indexOf(character));
  if (ids.length > 0 && !ids.includes(-1)) return ids;
  throw new RangeError(
    `Cannot continue ${JSON.stringify(prompt)}: expected characters of the training text, at least one`,
  );
}

/** Logits after each window. Windows are filled up behind, where a causal model does not look. */
async function nextLogits(
  forward: (inputs: { ids: tf.Tensor }) => Promise<{ logits: tf.Tensor }>,
  windows: readonly (readonly number[])[],
  context: number,
  classes: number,
): Promise<Float32Array[]> {
  const filled = Int32Array.from(
    windows.flatMap((ids) => Array.from({ length: context }, (_, i) => ids[i] ?? 0)),
  );
  const ids = tf.tensor(filled, [windows.length, context], "int32");
  const { logits } = await forward({ ids });
  const values = await logits.data<"float32">();
  tf.dispose([ids, logits]);
  return windows.map((window, i) => {
    const start = (i * context + window.length - 1) * classes;
    return values.slice(start, start + classes);
  });
}

/** A class in proportion to `exp(logit / temperature)`. */
function draw(logits: Float32Array, temperature: number, random: RandomStream): number {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - largest) / temperature));
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => (rest -= weight) < 0);
  return drawn < 0 ? logits.indexOf(largest) : drawn;
}
