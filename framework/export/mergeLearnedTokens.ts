import * as tf from "@tensorflow/tfjs";

import type { LearnedEmbeddings } from "../adapters/learnedEmbeddings.ts";
import {
  addedTokens,
  LearnedTokenizer,
  withAddedTokens,
  type TokenWidths,
} from "../adapters/learnedTokenizer.ts";
import { toTensor } from "../base/hostTensor.ts";
import { describeShape } from "../base/shape.ts";
import { ClipTextEncoder } from "../models/clipTextEncoder.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";
import type { TextFiles } from "../weights/pipelineFolder.ts";

/** The text encoder's table of vectors. */
const table = "text_model.embeddings.token_embedding.weight";

/**
 * A pipeline in whose own vocabulary learned tokens are: their vectors become rows of the text
 * encoder's table, and the tokenizer's files name them. A token of several vectors is spelled
 * `<cat> <cat>_1` where a program does not spell it out by itself.
 *
 * @returns the pipeline with another text encoder; the given one is disposed of
 * @throws {RangeError} when a token is known already or its vectors do not fit
 */
export function mergeLearnedTokens(
  components: PipelineComponents,
  embeddings: LearnedEmbeddings,
): PipelineComponents {
  const { textEncoder, tokenizer, tokenizerFiles } = components;
  const { vocab_size: rows, hidden_size: features } = textEncoder.model.config;
  for (const [token, { shape }] of embeddings) {
    const isNew = tokenizer.idOf(token) === undefined;
    if (isNew && shape.length === 2 && shape[1] === features) continue;
    const problem = isNew
      ? `expected vectors [count, ${features}], got ${describeShape(shape)}`
      : "it is in the vocabulary already";
    throw new RangeError(`Cannot add token "${token}": ${problem}`);
  }
  const first = Math.max(rows, tokenizer.vocabularySize);
  const widths = new Map([...embeddings].map(([token, { shape }]) => [token, shape[0]!]));
  const count = addedTokens(widths, first).length;
  const config = { ...textEncoder.config, vocab_size: first + count };
  const model = new ClipTextEncoder(config, { seed: null });
  for (const [name, variable] of textEncoder.model.parameters) {
    tf.tidy(() => {
      const value = name === table ? withRows(variable, first, embeddings) : variable;
      model.parameters.get(name)!.assign(value);
    });
  }
  textEncoder.model.dispose();
  return {
    ...components,
    textEncoder: { model, config },
    tokenizer: new LearnedTokenizer(tokenizerFiles, widths, first),
    tokenizerFiles: withTokens(tokenizerFiles, widths, first),
  };
}

/** Rows that no id has are zero. */
function withRows(own: tf.Variable, first: number, embeddings: LearnedEmbeddings): tf.Tensor {
  const learned = [...embeddings.values()].map((value) => toTensor(value));
  return tf.concat([
    own.pad([
      [0, first - own.shape[0]!],
      [0, 0],
    ]),
    ...learned,
  ]);
}

/** Files of a tokenizer that names tokens with ids from `first` on, wherever loaders look for them. */
function withTokens(files: TextFiles, widths: TokenWidths, first: number): TextFiles {
  const read = (name: string): object => JSON.parse(files.get(name) ?? "{}");
  const write = (name: string, content: object): [string, string] => [
    name,
    `${JSON.stringify(content, null, 2)}\n`,
  ];
  const added = addedTokens(widths, first);
  if (files.has("tokenizer.json")) {
    const whole = withAddedTokens(read("tokenizer.json"), widths, first);
    return new Map([...files, write("tokenizer.json", whole)]);
  }
  const ids = Object.fromEntries(added.map(({ content, id }) => [content, id]));
  const config = { ...read("tokenizer_config.json") };
  const { added_tokens_decoder: described }: { added_tokens_decoder?: object } = config;
  const decoder = Object.fromEntries(added.map(({ id, ...token }) => [id, token]));
  return new Map([
    ...files,
    write("added_tokens.json", { ...read("added_tokens.json"), ...ids }),
    ...(described
      ? [
          write("tokenizer_config.json", {
            ...config,
            added_tokens_decoder: { ...described, ...decoder },
          }),
        ]
      : []),
  ]);
}
