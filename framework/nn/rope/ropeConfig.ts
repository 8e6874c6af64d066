/** How a model's rotary frequencies were changed for longer texts; keys as `config.json` has them. */
export type RopeScaling =
  | { readonly rope_type: "default" }
  | { readonly rope_type: "linear"; readonly factor: number }
  | { readonly rope_type: "dynamic"; readonly factor: number }
  | YarnScaling
  | Llama3Scaling;

export interface YarnScaling {
  readonly rope_type: "yarn";
  /** How many times as long texts become. */
  readonly factor: number;
  /** Length that the model was first trained on. */
  readonly original_max_position_embeddings: number;
  /** Pairs that turn more often than this over the original length keep their frequency. */
  readonly beta_fast: number;
  /** Pairs that turn less often are slowed down by the whole factor. */
  readonly beta_slow: number;
  /** Multiplies cosines and sines; null is `0.1 ln(factor) + 1`. */
  readonly attention_factor: number | null;
}

export interface Llama3Scaling {
  readonly rope_type: "llama3";
  readonly factor: number;
  /** Length that the model was first trained on. */
  readonly original_max_position_embeddings: number;
  /** Pairs that turn less often than this over the original length are slowed down. */
  readonly low_freq_factor: number;
  /** Pairs that turn more often keep their frequency. */
  readonly high_freq_factor: number;
}

/** What decides a model's rotary frequencies; keys as `config.json` has them. */
export interface RopeConfig {
  /** Features of a head, an even number. */
  readonly head_dim: number;
  /** Base of the frequencies. */
  readonly rope_theta: number;
  /** Longest text that the model is made for, in tokens. */
  readonly max_position_embeddings: number;
  readonly rope_scaling: RopeScaling;
}

export interface RopeFrequencies {
  /** Radians per position of each pair of features, `[head_dim / 2]`. */
  readonly inverse: Float64Array;
  /** Multiplies cosines and sines. */
  readonly attentionFactor: number;
}
