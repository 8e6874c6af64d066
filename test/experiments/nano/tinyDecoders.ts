import { after, before } from "mocha";
import { DecodeEngine, Decoder, sharedParameters, type JsonObject } from "seedbed";

/** Two layers with a head of keys for two of queries, 12 tokens, texts of 32. */
export const groupedConfig: JsonObject = {
  architectures: ["LlamaForCausalLM"],
  vocab_size: 12,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 32,
  initializer_range: 0.3,
  tie_word_embeddings: true,
};

/** A model with one head and texts of 24, and an engine of it, for the enclosing `describe`. */
export function tinyEngine({ rows = 1 }: { rows?: number } = {}): {
  model: () => Decoder;
  engine: () => DecodeEngine;
} {
  let model: Decoder;
  let engine: DecodeEngine;
  before(() => {
    model = new Decoder(
      {
        ...groupedConfig,
        ...{ num_attention_heads: 1, max_position_embeddings: 24, initializer_range: 0.5 },
        tie_word_embeddings: false,
      },
      { seed: 5 },
    );
    const weights = sharedParameters(model.parameters);
    engine = new DecodeEngine({ config: model.config, weights, rows });
  });
  after(async () => {
    await engine.dispose();
    model.dispose();
  });
  return { model: () => model, engine: () => engine };
}
