import * as tf from "@tensorflow/tfjs";

import { RandomStream } from "../base/random.ts";
import { ropeFrequencies } from "../nn/rope/index.ts";
import type { Decoder } from "./decoder.ts";

/** Of the token before; in a head of 64 features its score is then 4 or more above others'. */
const focus = 6;
/** Mean score of a key that belongs to the query's token; others' are about 0. */
const matchScore = 14;
/** What is copied, in times of what a token itself is. */
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
 * @param model made with `zeroResiduals`, so that nothing else speaks at first, with biases of
 *   queries and keys, and two layers or more
 * @throws {RangeError} when the model is another
 */
export function startInductionHeads(model: Decoder, seed: number): void {
  check(model);
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

function check({ config, parameters }: Decoder): void {
  const { hidden_size: features, head_dim: width, num_hidden_layers: layers } = config;
  const problem = !config.qkv_bias
    ? "biases of queries and keys, as Qwen2 has them, got a model without"
    : layers < 2
      ? `two layers or more, got ${layers}`
      : features < 2 * width
        ? `heads of at most ${features / 2} features, half of hidden_size, got ${width}`
        : [0, 1].some((layer) => !isZero(parameters.get(nameOf(layer, "o_proj.weight"))!))
          ? "a new model, made with zeroResiduals"
          : undefined;
  if (problem !== undefined) {
    throw new RangeError(`Cannot give a model induction heads: expected ${problem}`);
  }
}

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

/** Each query's `read` meets keys' `noted`; heads of a group do the same. */
function matchAndCopy(model: Decoder, read: Rows, noted: Rows, random: RandomStream): void {
  const { hidden_size: features, head_dim: width, initializer_range: deviation } = model.config;
  const { num_attention_heads: heads, num_key_value_heads: groups } = model.config;
  const shared = heads / groups;
  const half = width / 2;
  const slow = Math.ceil(half / 2);
  // Features are half of the token, half of the noted one, whose part is in fewer directions.
  const strength = Math.sqrt(features / read.length) / 2;
  const gain = Math.sqrt((matchScore * Math.sqrt(width)) / (2 * slow * strength));
  const part = partsOf(model, 1);
  for (let row = 0; row < groups * width; row++) {
    const [group, channel] = [Math.floor(row / width), row % width];
    const place = (channel % half) - (half - slow);
    const at = place + (channel < half ? 0 : slow) + group * 2 * slow;
    const direction = at % read.length;
    const set = (weights: Float32Array, to: number, from: Rows): void => {
      const values = place < 0 ? new Float32Array(features) : from[direction]!;
      weights.set(
        values.map((value) => gain * value),
        to * features,
      );
    };
    set(part.kWeight, row, noted);
    const value = random.normals(features).map((each) => each / Math.sqrt(features));
    part.vWeight.set(value, row * features);
    for (let head = group * shared; head < (group + 1) * shared; head++) {
      const to = head * width + channel;
      set(part.qWeight, to, read);
      for (let i = 0; i < features; i++) {
        part.oWeight[i * heads * width + to] = ((copyStrength * deviation) / shared) * value[i]!;
      }
    }
  }
  part.assign();
}

type Rows = readonly Float32Array[];

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
