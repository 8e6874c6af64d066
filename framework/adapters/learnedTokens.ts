import * as tf from "@tensorflow/tfjs";

import { readTensor, toTensor, type HostTensor } from "../base/hostTensor.ts";
import { describeShape } from "../base/shape.ts";
import { layerKind, wrapLayer, type LayerWrapper } from "../nn/layerWrappers.ts";
import * as ops from "../nn/ops/index.ts";
import { readParameters } from "../nn/readParameters.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { LearnedEmbeddings } from "./learnedEmbeddings.ts";
import { LearnedTokenizer } from "./learnedTokenizer.ts";

/** A text encoder with its tokenizer. */
export interface TextModel {
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly tokenizer: Tokenizer;
  /** Files of the tokenizer's folder, by name. */
  readonly tokenizerFiles: ReadonlyMap<string, string>;
}

/** Tokens beside a text encoder's own, whose table stays as it is. */
export interface LearnedTokens {
  /** Vectors by token, `[vectors, features]`: what is trained. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** Knows the tokens, and takes the place of the text encoder's. */
  readonly tokenizer: LearnedTokenizer;
  /** The vectors as they are now, to be written. */
  read(): Promise<Map<string, HostTensor>>;
  /** Takes the tokens off the text encoder and frees their vectors. */
  dispose(): void;
}

/**
 * Adds tokens to a text encoder, to be used or trained. Add all that are wanted at once, and before
 * functions that use the text encoder are compiled.
 *
 * Source: Gal et al. 2022, arXiv:2208.01618, section 3.2.
 *
 * @throws {RangeError} when a token is known already or its vectors do not fit
 */
export function addLearnedTokens(
  { parameters, tokenizer, tokenizerFiles }: TextModel,
  embeddings: LearnedEmbeddings,
): LearnedTokens {
  const table = tokenTable(parameters);
  checkTokens(embeddings, table, tokenizer);
  const first = Math.max(table.shape[0]!, tokenizer.vocabularySize);
  const widths = new Map([...embeddings].map(([token, { shape }]) => [token, shape[0]!]));
  const learnedTokenizer = new LearnedTokenizer(tokenizerFiles, widths, first);
  const vectors = new Map(
    [...embeddings].map(([token, value]) => [token, tf.tidy(() => tf.variable(toTensor(value)))]),
  );
  const remove = wrapLayer(table, withVectors([...vectors.values()], first));
  return {
    parameters: vectors,
    tokenizer: learnedTokenizer,
    read: () => readParameters(vectors),
    dispose() {
      remove();
      tf.dispose([...vectors.values()]);
    },
  };
}

export interface NewTokenOptions {
  token: string;
  /** A word or several of the vocabulary, whose vectors the new ones start from in turn. */
  initializer: string;
  /** Vectors of the token; more hold more detail and take more of a prompt. Default: 1. */
  vectors?: number;
}

/**
 * Vectors for a token that is not trained yet.
 *
 * @throws {RangeError} when there are no vectors, or the initializer has no token
 */
export async function newTokenEmbedding(
  { parameters, tokenizer }: TextModel,
  { token, initializer, vectors = 1 }: NewTokenOptions,
): Promise<Map<string, HostTensor>> {
  const { start, end, pad } = tokenizer.ids;
  const ids = [...tokenizer.encode(initializer)].filter((id) => ![start, end, pad].includes(id));
  if (!Number.isInteger(vectors) || vectors < 1 || ids.length === 0) {
    throw new RangeError(
      `Cannot make token "${token}": expected at least one vector and a word to start from, got ${vectors} and "${initializer}"`,
    );
  }
  const rows = Int32Array.from({ length: vectors }, (_, i) => ids[i % ids.length]!);
  const started = tf.tidy(() => tf.gather(tokenTable(parameters), tf.tensor1d(rows, "int32")));
  const embedding = await readTensor(started);
  started.dispose();
  return new Map([[token, embedding]]);
}

/** The only embedding layer that a text encoder has besides positions, which are not one. */
function tokenTable(parameters: ReadonlyMap<string, tf.Variable>): tf.Variable {
  const tables = [...parameters.values()].filter((each) => layerKind(each) === "embedding");
  if (tables.length === 1) return tables[0]!;
  throw new RangeError(
    `Cannot add tokens: expected a model with one embedding layer, got ${tables.length}`,
  );
}

function checkTokens(
  embeddings: LearnedEmbeddings,
  table: tf.Variable,
  tokenizer: Tokenizer,
): void {
  const [, features = 0] = table.shape;
  for (const [token, { shape }] of embeddings) {
    if (token.trim() === "" || tokenizer.idOf(token) !== undefined) {
      throw new RangeError(
        `Cannot add token "${token}": it is ${token.trim() === "" ? "empty" : "in the vocabulary already"}; give it another name`,
      );
    }
    if (shape.length === 2 && shape[0]! >= 1 && shape[1] === features) continue;
    throw new RangeError(
      `Cannot add token "${token}": expected vectors [count, ${features}] as the text encoder has, got ${describeShape(shape)}`,
    );
  }
}

/** Looks ids from `first` on up in the vectors, and all others in the layer's own table. */
function withVectors(vectors: readonly tf.Variable[], first: number): LayerWrapper {
  return (ids, layer) => {
    const table = tf.concat([...vectors]);
    const from = tf.scalar(first, "int32");
    const isOwn = ids.less(from).toInt();
    const isLearned = ids.greaterEqual(from).toInt();
    const learned = ops.embedding(table, ids.sub(from).mul(isLearned));
    const own = layer.own(ids.mul(isOwn));
    const mask = isLearned.toFloat().expandDims(-1);
    return own.mul(mask.mul(-1).add(1)).add(learned.mul(mask));
  };
}
