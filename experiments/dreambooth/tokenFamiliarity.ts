import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  toTensor,
  type Compile,
  type ExperimentContext,
  type PipelineComponents,
} from "seedbed";

import { tokenIds } from "./dataset.ts";
import type { SubjectSettings } from "./settings/data.ts";
import { tokenWords } from "./subjects.ts";
import { hasWord, replaceWord } from "./words.ts";

/** Words beside which a token is judged. */
const references = 16;
/** From so many times the usual distance on, the model knows the token. */
export const familiarFrom = 4;

/**
 * How far a token's meaning is from that of words which training has hardly touched: the distance of
 * what the text encoder makes of the prompt to the mean of what it makes of it with such words in
 * the token's place, over the usual distance of these to their mean. About 1 is a word of which the
 * model knows nothing. The untouched words are those whose embeddings are the shortest.
 *
 * Of models/emoji-64, in "a TOKEN penguin", cat, clock and dog: of the 311 words that it was trained
 * on at most 6 have less than `familiarFrom`, of the 931 that it was not at most 37 have more.
 */
export async function tokenFamiliarity(
  token: string,
  prompt: string,
  components: PipelineComponents,
  compile: Compile,
): Promise<number> {
  const words = await untouchedWords(components);
  const prompts = [token, ...words].map((word) => replaceWord(prompt, token, word));
  const [own, ...others] = await encodeAll(prompts, components, compile);
  const distances = others.map((other) =>
    distance(other, meanOf(others.filter((each) => each !== other))),
  );
  const usual = distances.reduce((sum, value) => sum + value, 0) / distances.length;
  return distance(own!, meanOf(others)) / usual;
}

/** Tells of tokens that the model seems to know, before they are trained. */
export async function warnOfFamiliar(
  subject: SubjectSettings,
  components: PipelineComponents,
  { compile, print }: Pick<ExperimentContext, "compile" | "print">,
): Promise<void> {
  const { prompt } = subject.instance;
  for (const token of tokenWords(subject)) {
    if (!hasWord(prompt, token)) continue;
    const familiarity = await tokenFamiliarity(token, prompt, components, compile);
    if (familiarity < familiarFrom) continue;
    print(
      `The model seems to know ${token} already: in "${prompt}" it means ${familiarity.toFixed(1)} times as much as words that were never learnt (1 is usual, ${familiarFrom} much); what it means will mix with the subject`,
    );
  }
}

/** Words of one id whose embeddings are the shortest. */
async function untouchedWords({ textEncoder, tokenizer }: PipelineComponents): Promise<string[]> {
  const name = "text_model.embeddings.token_embedding.weight";
  const norms = tf.tidy(() => textEncoder.model.parameters.get(name)!.norm("euclidean", 1));
  const lengths = await norms.data();
  norms.dispose();
  const words: string[] = [];
  for (const id of [...lengths.keys()].toSorted((a, b) => lengths[a]! - lengths[b]!)) {
    const word = tokenizer.decode([id]).trim();
    const [again, ...rest] = word === "" ? [] : tokenizer.textIds(word);
    if (again === id && rest.length === 0) words.push(word);
    if (words.length === references) break;
  }
  return words;
}

async function encodeAll(
  prompts: readonly string[],
  components: PipelineComponents,
  compile: Compile,
): Promise<Float32Array[]> {
  const rows = prompts.map((prompt) => tokenIds(components, prompt));
  const length = rows[0]!.values.length;
  const values = Int32Array.from(rows.flatMap((row) => [...row.values]));
  const ids = toTensor(hostTensor(values, [rows.length, length]));
  const encode = compile(({ ids: all }: { ids: tf.Tensor }) => ({
    context: components.textEncoder.model.encode(all),
  }));
  const { context } = await encode({ ids });
  const features = await context.data<"float32">();
  const size = features.length / rows.length;
  const result = rows.map((_, i) => features.slice(i * size, (i + 1) * size));
  tf.dispose([ids, context]);
  encode.dispose();
  return result;
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) {
    for (const [i, value] of vector.entries()) mean[i]! += value / vectors.length;
  }
  return mean;
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}
