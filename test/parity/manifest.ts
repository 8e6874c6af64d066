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
  readonly train: TrainManifest;
}
