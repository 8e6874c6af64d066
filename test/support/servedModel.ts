/** @file A model of a few thousand parameters that a server can answer with. */
import path from "node:path";

import {
  Decoder,
  Idefics3,
  saveModel,
  tokenizerTexts,
  trainBytePairs,
  writeFileAtomic,
  type TrainBytePairsOptions,
} from "seedbed";

import {
  chatTemplate,
  endOfText,
  endOfTurn,
  reservedTokens,
} from "../../experiments/nano/data/chat.ts";

const texts = [
  "The penguin swims. The penguin's friend, the other penguin, swims too.",
  'What is the capital of France? {"name":"add","arguments":{"a":1,"b":2}}',
];

const textConfig = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 320,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 1,
  num_key_value_heads: 1,
  max_position_embeddings: 512,
  initializer_range: 0.3,
  tie_word_embeddings: true,
};

/** Writes a model from nothing, which says anything, with nano's chat template. */
export async function writeServedModel(folder: string, seed = 5): Promise<void> {
  const model = new Decoder(textConfig, { seed });
  await saveModel(folder, model, textConfig);
  model.dispose();
  writeTokenizer(folder, { reserved: reservedTokens, chatTemplate });
}

/** A tiny model's frames: 4 patches of 4 pixels along each side, and 4 tokens. */
const frames = { image_size: 16, patch_size: 4, scale_factor: 2 };

/** `preprocessor_config.json`: up to two tiles along each side, and the whole picture. */
export const seeingPreprocessor = {
  image_processor_type: "Idefics3ImageProcessor",
  do_image_splitting: true,
  size: { longest_edge: 32 },
  max_image_size: { longest_edge: 16 },
};

/** Frames as SmolVLM marks them, and a template that takes messages in parts alone. */
const smolVlm = {
  reserved: [
    ...reservedTokens,
    ...["<fake_token_around_image>", "<global-img>", "<row_1_col_1>", "<row_1_col_2>"].map(
      (content) => ({ content, special: true }),
    ),
  ],
  chatTemplate: `{%- for message in messages -%}{{- message.role | capitalize + ':' -}}
{%- for part in message.content -%}
{%- if part.type == 'text' -%}{{- part.text -}}{%- elif part.type == 'image' -%}{{- '<image>' -}}{%- endif -%}
{%- endfor -%}{{- '<|im_end|>\n' -}}{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'Assistant:' -}}{%- endif -%}`,
};

export interface SeeingModelOptions {
  /** Whose template and marks of frames. Default: nano's, which has none. */
  readonly style?: "nano" | "smolVlm";
}

/** Writes a model from nothing that sees pictures, in tiles. */
export async function writeSeeingModel(
  folder: string,
  { style = "nano" }: SeeingModelOptions = {},
): Promise<void> {
  const { image_size, patch_size, scale_factor } = frames;
  const config = {
    architectures: ["Idefics3ForConditionalGeneration"],
    model_type: "idefics3",
    text_config: { ...textConfig, vocab_size: 330 },
    vision_config: {
      ...{ model_type: "idefics3_vision", image_size, patch_size, initializer_range: 0.5 },
      ...{ hidden_size: 8, intermediate_size: 12, num_hidden_layers: 1, num_attention_heads: 2 },
    },
    ...{ image_token_id: 3, scale_factor, tie_word_embeddings: true },
  };
  const model = new Idefics3(config, { seed: 6 });
  await saveModel(folder, model, config);
  model.dispose();
  writeTokenizer(folder, style === "nano" ? { reserved: reservedTokens, chatTemplate } : smolVlm);
  const text = JSON.stringify(seeingPreprocessor);
  writeFileAtomic(path.join(folder, "preprocessor_config.json"), text);
}

function writeTokenizer(
  folder: string,
  options: Pick<TrainBytePairsOptions, "reserved" | "chatTemplate">,
): void {
  const files = trainBytePairs(texts, {
    ...{ vocabularySize: 320, maxLength: 512, endToken: endOfTurn, padToken: endOfText },
    ...options,
  });
  for (const [name, text] of tokenizerTexts(files)) writeFileAtomic(path.join(folder, name), text);
}
