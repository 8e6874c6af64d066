import { ModelConfigReader } from "./modelConfig.ts";
import { readSiglipConfig, type SiglipConfig } from "./siglipConfig.ts";

const modelTypes = ["idefics3", "smolvlm"] as const;
const classes = ["Idefics3ForConditionalGeneration", "SmolVLMForConditionalGeneration"];

/** What transformers leaves out of a `text_config` because it is Llama's own. */
const textDefaults = {
  model_type: "llama",
  vocab_size: 32_000,
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  max_position_embeddings: 2048,
};

/** The keys of transformers' `config.json` of Idefics3 and SmolVLM that we read. */
export interface Idefics3Config {
  /** For a `Decoder`. */
  text_config: object;
  vision_config: SiglipConfig;
  /** Stands in a text where a token of a picture goes. */
  image_token_id: number;
  /** So many patches, in both directions, make a token. */
  scale_factor: number;
  tie_word_embeddings: boolean;
}

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readIdefics3Config(config: unknown): Idefics3Config {
  const read = new ModelConfigReader("Idefics3", config);
  read.word("model_type", modelTypes);
  const { architectures, text_config, vision_config }: Record<string, unknown> = Object(config);
  const isOurs =
    Array.isArray(architectures) && classes.some((each) => architectures.includes(each));
  if (read.has("architectures") && !isOurs) {
    throw read.problem("architectures", `one of ${classes.join(", ")}`);
  }
  const tie_word_embeddings = read.boolean("tie_word_embeddings", false);
  return {
    // It may name a class of its own, whose parameters are none the less Llama's.
    text_config: {
      ...textDefaults,
      ...Object(text_config),
      architectures: null,
      tie_word_embeddings,
    },
    vision_config: readSiglipConfig(vision_config),
    image_token_id: read.integer("image_token_id", 128_257, 0),
    scale_factor: read.integer("scale_factor", 2),
    tie_word_embeddings,
  };
}
