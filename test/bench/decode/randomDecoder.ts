import type { HostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import type { WeightSource } from "../../../framework/decode/weightReader.ts";
import { readDecoderConfig, type DecoderConfig } from "../../../framework/models/decoderConfig.ts";

/** Sizes of decoders whose speed is measured; what they would say does not matter. */
export const shapes: Record<"135m" | "nano", DecoderConfig> = {
  /** SmolLM2-135M. */
  "135m": decoder({
    vocab_size: 49152,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    rope_theta: 100_000,
    max_position_embeddings: 8192,
  }),
  nano: decoder({
    vocab_size: 4096,
    hidden_size: 192,
    intermediate_size: 512,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    rope_theta: 10_000,
    max_position_embeddings: 2 ** 20,
  }),
};

function decoder(sizes: object): DecoderConfig {
  return readDecoderConfig({ model_type: "llama", tie_word_embeddings: true, ...sizes });
}

/** Normals that are repeated, at another offset for each tensor: drawing all would take minutes. */
const drawn = 2 ** 20;

/** Weights of a deviation that keeps features at about 1, made when they are asked for. */
export function randomWeights(config: DecoderConfig): WeightSource {
  const normals = new RandomStream(1, "weights").normals(drawn);
  const made = new Map<string, HostTensor>();
  return {
    get(name) {
      const shape = shapeOf(name, config);
      const known = made.get(name);
      if (known || !shape) return known;
      const values = new Float32Array(sizeOf(shape));
      const offset = (made.size * 7919) % drawn;
      const deviation = 1 / Math.sqrt(shape.at(-1)!);
      for (let i = 0; i < values.length; i++) {
        values[i] = shape.length === 1 ? 1 : deviation * normals[(i + offset) % drawn]!;
      }
      const tensor = { shape, values };
      made.set(name, tensor);
      return tensor;
    },
  };
}

function shapeOf(name: string, config: DecoderConfig): number[] | undefined {
  const { hidden_size: d, intermediate_size: wide, head_dim } = config;
  const [queries, keys] = [config.num_attention_heads, config.num_key_value_heads];
  const ends: [string, number[]][] = [
    ["norm.weight", [d]],
    ["embed_tokens.weight", [config.vocab_size, d]],
    ["q_proj.weight", [queries * head_dim, d]],
    ["k_proj.weight", [keys * head_dim, d]],
    ["v_proj.weight", [keys * head_dim, d]],
    ["o_proj.weight", [d, queries * head_dim]],
    ["gate_proj.weight", [wide, d]],
    ["up_proj.weight", [wide, d]],
    ["down_proj.weight", [d, wide]],
  ];
  return ends.find(([end]) => name.endsWith(end))?.[1];
}

/** Tokens of no meaning. */
export function randomTokens(count: number, { vocab_size }: DecoderConfig): number[] {
  const random = new RandomStream(2, "tokens");
  return Array.from({ length: count }, () => random.integer(vocab_size));
}

/** Scales of an int8 cache for features of about 1. */
export function flatCacheScales(
  config: DecoderConfig,
): { keys: Float32Array; values: Float32Array }[] {
  const channels = config.num_key_value_heads * config.head_dim;
  const scales = new Float32Array(channels).fill(4 / 127);
  return Array.from({ length: config.num_hidden_layers }, () => ({ keys: scales, values: scales }));
}
