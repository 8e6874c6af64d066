/** @file A model of a few thousand parameters that a server can answer with. */
import path from "node:path";

import { Decoder, saveModel, tokenizerTexts, trainBytePairs, writeFileAtomic } from "seedbed";

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

/** Writes a model from nothing, which says anything, with nano's chat template. */
export async function writeServedModel(folder: string, seed = 5): Promise<void> {
  const files = trainBytePairs(texts, {
    vocabularySize: 320,
    maxLength: 512,
    reserved: reservedTokens,
    endToken: endOfTurn,
    padToken: endOfText,
    chatTemplate,
  });
  const config = {
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
  const model = new Decoder(config, { seed });
  await saveModel(folder, model, config);
  model.dispose();
  for (const [name, text] of tokenizerTexts(files)) writeFileAtomic(path.join(folder, name), text);
}
