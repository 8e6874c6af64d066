import type { RopeConfig } from "../nn/rope/index.ts";
import { ModelConfigReader } from "./modelConfig.ts";
import { readRopeConfig } from "./readRopeConfig.ts";

const modelTypes = ["llama", "mistral", "qwen2"] as const;
type ModelType = (typeof modelTypes)[number];

/** The classes of transformers that hold a language model of each type. */
const classes: Readonly<Record<ModelType, string>> = {
  llama: "LlamaForCausalLM",
  mistral: "MistralForCausalLM",
  qwen2: "Qwen2ForCausalLM",
};

/** Tokens that transformers' Mistral sees where its settings leave that out. */
const mistralWindow = 4096;

/** The keys of transformers' `config.json` of a language model that we read. */
export interface DecoderConfig extends RopeConfig {
  model_type: ModelType;
  vocab_size: number;
  hidden_size: number;
  /** Width of the feed-forward layers. */
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  /** Heads of keys and values, each shared by a group of query heads. */
  num_key_value_heads: number;
  /** Whether the projections to queries, keys and values have a bias. */
  qkv_bias: boolean;
  /** Whether the projection after attention has one. */
  output_bias: boolean;
  mlp_bias: boolean;
  rms_norm_eps: number;
  /** Whether the head is the table of embeddings. */
  tie_word_embeddings: boolean;
  /** Deviation of the first weights. */
  initializer_range: number;
  /** For each layer how many tokens back it sees, itself included; null is all. */
  layer_windows: (number | null)[];
}

/**
 * Reads the settings of a language model: Llama (and SmolLM2), Mistral, Qwen2 and 2.5.
 *
 * @param config a `config.json` of transformers, parsed
 * @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported
 */
export function readDecoderConfig(config: unknown): DecoderConfig {
  const type = readModelType(config);
  const read = new ModelConfigReader(classes[type], config);
  checkUnsupported(read);
  const hidden_size = read.integer("hidden_size");
  const heads = readHeads(read, type, hidden_size);
  const num_hidden_layers = read.layers("num_hidden_layers");
  const bias = type === "llama" && read.boolean("attention_bias", false);
  return {
    model_type: type,
    ...readRopeConfig(read, heads.head_dim),
    vocab_size: read.integer("vocab_size"),
    hidden_size,
    intermediate_size: read.integer("intermediate_size"),
    num_hidden_layers,
    ...heads,
    qkv_bias: type === "qwen2" || bias,
    output_bias: bias,
    mlp_bias: type === "llama" && read.boolean("mlp_bias", false),
    rms_norm_eps: read.number("rms_norm_eps", 1e-6),
    tie_word_embeddings: read.boolean("tie_word_embeddings", false),
    initializer_range: read.number("initializer_range", 0.02),
    layer_windows: readWindows(read, type, num_hidden_layers),
  };
}

/** A model of its own names its class; one inside another model has a type alone. */
function readModelType(config: unknown): ModelType {
  const read = new ModelConfigReader("a language model", config);
  const { architectures: named }: { architectures?: unknown } = Object(config);
  const byClass = modelTypes.find((type) => Array.isArray(named) && named.includes(classes[type]));
  if (read.has("architectures") && byClass === undefined) {
    throw read.problem("architectures", `one of ${Object.values(classes).join(", ")}`);
  }
  return read.word("model_type", byClass ? [byClass] : modelTypes, byClass);
}

function checkUnsupported(read: ModelConfigReader): void {
  read.unsupported("hidden_act", "silu", "swish");
  read.unsupported("attention_dropout", 0);
  read.unsupported("qk_layer_norms", false);
  read.unsupported("rope_interleaved", false);
}

function readHeads(
  read: ModelConfigReader,
  type: ModelType,
  features: number,
): Pick<DecoderConfig, "num_attention_heads" | "num_key_value_heads" | "head_dim"> {
  const heads = read.integer("num_attention_heads");
  const shared = read.integer("num_key_value_heads", type === "llama" ? heads : undefined);
  if (heads % shared !== 0) {
    throw read.problem("num_key_value_heads", `a divisor of num_attention_heads ${heads}`);
  }
  if (!read.has("head_dim") && features % heads !== 0) {
    throw read.problem("num_attention_heads", `a divisor of hidden_size ${features}, or head_dim`);
  }
  const head_dim = read.integer("head_dim", features / heads);
  if (head_dim % 2 !== 0) {
    throw read.problem(read.has("head_dim") ? "head_dim" : "hidden_size", "heads of even width");
  }
  return { num_attention_heads: heads, num_key_value_heads: shared, head_dim };
}

/**
 * Mistral's layers all see a window, unless that is null; Qwen2's only where `use_sliding_window`
 * says so, from a layer on. Newer files list the layers.
 */
function readWindows(read: ModelConfigReader, type: ModelType, layers: number): (number | null)[] {
  const all = (window: number | null): (number | null)[] =>
    Array.from({ length: layers }, () => window);
  if (type === "llama") return all(null);
  if (type === "mistral") {
    if (!read.mentions("sliding_window")) return all(mistralWindow);
    return all(read.has("sliding_window") ? read.integer("sliding_window") : null);
  }
  if (!read.boolean("use_sliding_window", false)) return all(null);
  const window = read.integer("sliding_window");
  if (read.has("layer_types")) {
    const types = read.words("layer_types", ["full_attention", "sliding_attention"], layers);
    return types.map((each) => (each === "sliding_attention" ? window : null));
  }
  const first = read.integer("max_window_layers", undefined, 0);
  return all(window).map((each, i) => (i < first ? null : each));
}
