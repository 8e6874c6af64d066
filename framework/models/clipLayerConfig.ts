import type { ModelConfigReader } from "./modelConfig.ts";

const activations = ["quick_gelu", "gelu", "gelu_new", "gelu_pytorch_tanh"] as const;
export type ClipActivation = (typeof activations)[number];

/** The keys of a `config.json` of transformers that CLIP's two towers share. */
export interface ClipLayerConfig {
  hidden_size: number;
  /** Width of the feed-forward layers. */
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  hidden_act: ClipActivation;
  layer_norm_eps: number;
  /** Multiplies every deviation of the first weights. */
  initializer_factor: number;
}

export function readClipLayerConfig(read: ModelConfigReader): ClipLayerConfig {
  read.unsupported("attention_dropout", 0);
  read.unsupported("dropout", 0);
  return {
    hidden_size: read.integer("hidden_size"),
    intermediate_size: read.integer("intermediate_size"),
    num_hidden_layers: read.layers("num_hidden_layers"),
    num_attention_heads: read.integer("num_attention_heads"),
    hidden_act: read.word("hidden_act", activations, "quick_gelu"),
    layer_norm_eps: read.number("layer_norm_eps", 1e-5),
    initializer_factor: read.number("initializer_factor", 1),
  };
}
