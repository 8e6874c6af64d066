import type { RopeConfig, RopeScaling } from "../nn/rope/index.ts";
import type { ModelConfigReader } from "./modelConfig.ts";

const ropeTypes = ["default", "linear", "dynamic", "yarn", "llama3"] as const;

/**
 * The keys of a `config.json` about rotary embeddings: `rope_theta` and `rope_scaling`, or
 * `rope_parameters`, which holds both in newer files.
 *
 * @throws {RangeError} naming the key that is missing, wrong or not supported
 */
export function readRopeConfig(read: ModelConfigReader, head_dim: number): RopeConfig {
  const max_position_embeddings = read.integer("max_position_embeddings");
  const newer = read.section("rope_parameters");
  const scaling = newer ?? read.section("rope_scaling");
  const rope_theta = positive(newer ?? read, "rope_theta", 10_000);
  read.unsupported("partial_rotary_factor", 1);
  newer?.unsupported("partial_rotary_factor", 1);
  return {
    head_dim,
    rope_theta,
    max_position_embeddings,
    rope_scaling: scaling
      ? readScaling(scaling, max_position_embeddings)
      : { rope_type: "default" },
  };
}

function readScaling(read: ModelConfigReader, longest: number): RopeScaling {
  // Older files call it "type".
  const rope_type = read.word(read.has("rope_type") ? "rope_type" : "type", ropeTypes);
  switch (rope_type) {
    case "default":
      return { rope_type };
    case "linear":
    case "dynamic":
      return { rope_type, factor: positive(read, "factor") };
    case "yarn":
      for (const key of ["mscale", "mscale_all_dim"]) read.unsupported(key);
      read.unsupported("truncate", true);
      return {
        rope_type,
        factor: positive(read, "factor"),
        original_max_position_embeddings: read.integer("original_max_position_embeddings", longest),
        beta_fast: positive(read, "beta_fast", 32),
        beta_slow: positive(read, "beta_slow", 1),
        attention_factor: read.has("attention_factor") ? positive(read, "attention_factor") : null,
      };
    case "llama3":
      return {
        rope_type,
        factor: positive(read, "factor"),
        original_max_position_embeddings: read.integer("original_max_position_embeddings"),
        low_freq_factor: positive(read, "low_freq_factor"),
        high_freq_factor: positive(read, "high_freq_factor"),
      };
    default:
      return rope_type satisfies never;
  }
}

function positive(read: ModelConfigReader, key: string, fallback?: number): number {
  const value = read.number(key, fallback);
  if (value > 0) return value;
  throw read.problem(key, "a number > 0");
}
