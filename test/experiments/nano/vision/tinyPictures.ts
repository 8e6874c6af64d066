import {
  Idefics3,
  Tokenizer,
  trainBytePairs,
  type ModelFolder,
  type Tokenizer as TokenizerType,
} from "seedbed";

import {
  chatTemplate,
  endOfText,
  endOfTurn,
  reservedTokens,
} from "../../../../experiments/nano/data/chat.ts";
import {
  pictureSize,
  type Picture,
  type PictureKind,
} from "../../../../experiments/nano/pictures/picture.ts";
import { pictureModelConfig } from "../../../../experiments/nano/vision/pictureModel.ts";

const colours: readonly (readonly [name: string, rgb: readonly number[]])[] = [
  ["red", [220, 40, 40]],
  ["green", [40, 180, 60]],
  ["blue", [50, 80, 220]],
];

/** A picture of one colour. */
function picture(name: string, rgb: readonly number[], kind: PictureKind): Picture {
  const pixels = Uint8Array.from({ length: pictureSize ** 2 * 3 }, (_, i) => rgb[i % 3]!);
  const questions = [
    { question: "What is in the picture?", answer: `A ${name} square.` },
    { question: "What colour is it?", answer: `${name}.` },
  ];
  return { kind, split: "train", rgb: pixels, questions };
}

/** Squares in three colours, one of them a digit by name. */
export const pictures: readonly Picture[] = colours.map(([name, rgb], i) =>
  picture(name, rgb, i === 2 ? "digits" : "shapes"),
);

/** A tokenizer with nano's reserved tokens, that knows these texts. */
export function tinyTokenizer(): TokenizerType {
  const texts = pictures.flatMap(({ questions }) =>
    questions.map(({ question, answer }) => `user\n${question}assistant\n${answer}`),
  );
  const files = trainBytePairs(texts, {
    vocabularySize: 300,
    maxLength: 64,
    reserved: reservedTokens,
    endToken: endOfTurn,
    padToken: endOfText,
    chatTemplate,
  });
  return new Tokenizer(files.tokenizer, files.config);
}

/** transformers' settings of a language model of 300 tokens. */
export const textConfig: ModelFolder["config"] = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 300,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 64,
  initializer_range: 0.1,
  tie_word_embeddings: true,
  hidden_act: "silu",
};

export const tower = {
  features: 16,
  feedForward: 16,
  layers: 1,
  heads: 2,
  patchSize: 16,
  scaleFactor: 2,
};

/** With a head of its own, which learns without the table. */
export function tinyModel(): Idefics3 {
  const text = { ...textConfig, tie_word_embeddings: false };
  return new Idefics3(pictureModelConfig(text, tower), { seed: 5 });
}
