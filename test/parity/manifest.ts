/** @file What we read of a set's `golden/manifest.json`. */

/** Losses of one training step, and the length of all its gradients before clipping. */
export interface RecordedStep {
  readonly loss: number;
  readonly instance: number;
  readonly prior: number;
  readonly grad_norm: number;
}

export interface TrainManifest {
  /** Rows of a batch that show the subject; the others show its class. */
  readonly B_instance: number;
  readonly optimizer: {
    readonly lr: number;
    readonly betas: [number, number];
    readonly eps: number;
    readonly weight_decay: number;
  };
  readonly prior_loss_weight: number;
  readonly prediction_type: string;
  readonly loss_fp32_vs_fp64_maxabs: number;
  /** Parameters whose gradient is zero in exact arithmetic. */
  readonly null_gradient_params: readonly string[];
  readonly params_columns: readonly string[];
  /** Shape, then a number for each of the other columns. */
  readonly params: Readonly<Record<string, readonly [number[], ...number[]]>>;
  /** Each variant's steps, under its name; see `trainingVariant`. */
  readonly [key: string]: unknown;
}

/** A sampler with fixed answers of the network. */
export interface SamplerVariant {
  readonly class: string;
  readonly config: object;
  readonly step_kwargs: { readonly eta?: number };
  readonly num_inference_steps: number;
  readonly init_noise_sigma: number;
  /** Calls of the network. */
  readonly n_calls: number;
}

/** How the pictures of a set were made; a key with a pipeline's name holds what was different. */
export interface SamplingManifest {
  readonly prompt: string;
  readonly negative_prompt: string;
  readonly guidance_scale: number;
  readonly guidance_rescale?: number;
  readonly steps: number;
  /** Class of the sampler, without "Scheduler". */
  readonly scheduler: string;
  readonly scheduler_config: object;
  readonly [name: string]: unknown;
}

export interface LoraManifest {
  readonly rank: number;
  readonly lora_alpha: number;
  readonly train: { readonly losses: readonly number[] };
}

/** A parameter of `golden/ldm_keys.json`: its names in diffusers and the original, and there its shape. */
export type OriginalName = readonly [name: string, original: string, shape: readonly number[]];

export interface TokenizerCase {
  readonly text: string;
  /** Padded to the text encoder's length. */
  readonly ids: readonly number[];
  readonly ids_nopad: readonly number[] | null;
}

export interface Manifest {
  /** Golden files: each array's shape by its name. */
  readonly files: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** Largest differences between the reference in float32 and in float64. */
  readonly tolerance: Readonly<Record<string, number>>;
  readonly tokenizer_cases?: readonly TokenizerCase[];
  readonly schedulers?: Readonly<Record<string, SamplerVariant>>;
  readonly sampling?: SamplingManifest;
  readonly train: TrainManifest;
  readonly lora?: LoraManifest;
}
