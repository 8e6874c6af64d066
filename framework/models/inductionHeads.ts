import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../base/random.ts";
import { ropeFrequencies } from "../nn/rope/index.ts";
import type { Decoder } from "./decoder.ts";
import type { DecoderConfig } from "./decoderConfig.ts";

/**
 * Biases that find the token before: in a head of 64 features its score is then nearly 4 above its
 * neighbours' with `rope_theta` 500,000, and nearly 5 with 10,000.
 */
const focus = 6;
/** Mean score of a key that belongs to the query's token; others' are about 0. */
const matchScore = 14;
/** What is copied, in times of what a token itself is once it is normalised. */
const copyStrength = 4;

/**
 * Gives a new decoder induction heads, with which it copies before it has learnt anything: where a
 * token has occurred before, it expects what followed it then. A small model takes thousands of steps
 * until it has such heads of itself, and copies nothing before.
 *
 * - Layer 0: biases of queries and keys turn some heads to the token before, whatever it is; they note
 *   it in directions of their own.
 * - Layer 1: queries read the token, keys the noted one; what has attention is added as it is, so that
 *   a head that is the table of embeddings expects it. Tokens are matched in the slower half of a
 *   head's pairs of features, which positions hardly turn.
 *
 * All of it is learnt on. Only first values are set: the form stays that of the model.
 *
 * Source of the circuit: Olsson et al. 2022, arXiv:2209.11895; of weights that begin as what training
 * would arrive at: Trockman and Kolter 2023, arXiv:2305.09828.
 *
 * @param model new, made with `zeroResiduals`, so that nothing else speaks at first
 * @throws {RangeError} when the model is another, or its form has no place for them
 */
export function startInductionHeads(model: Decoder, seed: number): void {
  checkInductionHeads(model.config);
  checkNew(model);
  const { hidden_size: features, head_dim: width, num_key_value_heads: groups } = model.config;
  const random = new RandomStream(seed, "induction heads");
  // As many directions as can be matched, and as leave room for others.
  const noting = Math.min(Math.ceil(groups / 2), Math.floor(features / 2 / width));
  const frame = orthonormalRows(random, 2 * noting * width, features);
  const read = frame.slice(0, noting * width);
  const noted = frame.slice(noting * width);
  notePreviousTokens(model, read, noted);
  matchAndCopy(model, read, noted, random);
}

/** @throws {RangeError} when a decoder of this form has no place for induction heads */
export function checkInductionHeads(config: DecoderConfig): void {
  const { hidden_size: features, head_dim: width, num_hidden_layers: layers } = config;
  const problems: [boolean, string][] = [
    [!config.qkv_bias, "biases of queries and keys, as Qwen2 has them, got a model without"],
    [!config.tie_word_embeddings, "a head that is the table of embeddings, got one of its own"],
    [layers < 2, `two layers or more, got ${layers}`],
    [features < 2 * width, `heads of at most ${features / 2} features, half of all, got ${width}`],
  ];
  const problem = problems.find(([isWrong]) => isWrong);
  if (problem) throw problemOf(problem[1]);
}

function checkNew({ parameters }: Decoder): void {
  for (const layer of [0, 1]) {
    const output = parameters.get(nameOf(layer, "o_proj.weight"));
    if (!output) throw problemOf("parameters whose names begin with model");
    if (!isZero(output)) throw problemOf("a new model, made with zeroResiduals");
  }
}

const problemOf = (expected: string): RangeError =>
  new RangeError(`Cannot give a model induction heads: expected ${expected}`);

/** The first head of some groups attends to the token before, and adds `noted` of what it has in `read`. */
function notePreviousTokens(model: Decoder, read: Rows, noted: Rows): void {
  const { hidden_size: features, head_dim: width, initializer_range: deviation } = model.config;
  const { num_attention_heads: heads, num_key_value_heads: groups } = model.config;
  const { inverse } = ropeFrequencies(model.config, 1);
  const half = width / 2;
  const part = partsOf(model, 0);
  for (let row = 0; row < read.length; row++) {
    const [group, channel] = [Math.floor(row / width), row % width];
    const query = group * (heads / groups) * width + channel;
    part.qWeight.fill(0, query * features, (query + 1) * features);
    part.kWeight.fill(0, row * features, (row + 1) * features);
    // A pair of the query lags by what one position turns the key.
    const lag = inverse[channel % half]!;
    part.qBias[query] = focus * (channel < half ? Math.cos(lag) : -Math.sin(lag));
    part.kBias[row] = channel < half ? focus : 0;
    part.vWeight.set(read[row]!, row * features);
    const scale = deviation * Math.sqrt(features / read.length);
    for (let i = 0; i < features; i++) {
      part.oWeight[i * heads * width + query] = scale * noted[row]![i]!;
    }
  }
  part.assign();
}

/**
 * In the first head of each group queries' `read` meets keys' `noted`. In the faster half of its pairs
 * keys begin at zero and queries as they were drawn: that adds nothing to scores, and can be learnt.
 */
function matchAndCopy(model: Decoder, read: Rows, noted: Rows, random: RandomStream): void {
  const { hidden_size: features, head_dim: width, initializer_range: deviation } = model.config;
  const { num_attention_heads: heads, num_key_value_heads: groups } = model.config;
  const half = width / 2;
  const slow = Math.ceil(half / 2);
  // Features are half of the token, half of the noted one, whose part is in fewer directions.
  const strength = Math.sqrt(features / read.length) / 2;
  const gain = Math.sqrt((matchScore * Math.sqrt(width)) / (2 * slow * strength));
  // All groups together copy as if each direction were copied once.
  const copied = (copyStrength * deviation * features) / (groups * width);
  const part = partsOf(model, 1);
  for (let row = 0; row < groups * width; row++) {
    const [group, channel] = [Math.floor(row / width), row % width];
    const place = (channel % half) - (half - slow);
    const at = place + (channel < half ? 0 : slow) + group * 2 * slow;
    const direction = place < 0 ? undefined : at % read.length;
    const key = direction === undefined ? new Float32Array(features) : noted[direction]!;
    part.kWeight.set(timesGain(key, gain), row * features);
    const value = random.normals(features).map((each) => each / Math.sqrt(features));
    part.vWeight.set(value, row * features);
    const query = group * (heads / groups) * width + channel;
    if (direction !== undefined) {
      part.qWeight.set(timesGain(read[direction]!, gain), query * features);
    }
    for (let i = 0; i < features; i++) part.oWeight[i * heads * width + query] = copied * value[i]!;
  }
  part.assign();
}

type Rows = readonly Float32Array[];

const timesGain = (row: Float32Array, gain: number): Float32Array =>
  row.map((value) => gain * value);

type Part = "qWeight" | "kWeight" | "vWeight" | "oWeight" | "qBias" | "kBias";

/** Values of a layer's attention, to be changed in place and assigned. */
function partsOf(
  { parameters }: Decoder,
  layer: number,
): Record<Part, Float32Array> & { assign: () => void } {
  const variable = (name: string): tf.Variable => parameters.get(nameOf(layer, name))!;
  const changed: [tf.Variable, Float32Array][] = [];
  const values = (name: string): Float32Array => {
    const copy = Float32Array.from(variable(name).dataSync());
    changed.push([variable(name), copy]);
    return copy;
  };
  return {
    qWeight: values("q_proj.weight"),
    kWeight: values("k_proj.weight"),
    vWeight: values("v_proj.weight"),
    oWeight: values("o_proj.weight"),
    qBias: values("q_proj.bias"),
    kBias: values("k_proj.bias"),
    assign: () => {
      for (const [each, copy] of changed) tf.tidy(() => each.assign(tf.tensor(copy, each.shape)));
    },
  };
}

const nameOf = (layer: number, part: string): string => `model.layers.${layer}.self_attn.${part}`;

const isZero = (variable: tf.Variable): boolean =>
  variable.dataSync().every((value: number) => value === 0);

/** Random rows of length 1, each at a right angle to all others, by Gram and Schmidt. */
function orthonormalRows(random: RandomStream, count: number, features: number): Float32Array[] {
  const rows: Float32Array[] = [];
  while (rows.length < count) {
    const row = random.normals(features);
    for (const other of rows) {
      const along = dot(row, other);
      for (let i = 0; i < features; i++) row[i]! -= along * other[i]!;
    }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
