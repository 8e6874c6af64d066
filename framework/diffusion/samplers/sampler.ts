import type * as tf from "@tensorflow/tfjs";

import type { Compile } from "../../base/compile.ts";
import type { HostTensor } from "../../base/hostTensor.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";

/**
 * The network's output for noisy latents `[batch, channels, height, width]` at timesteps
 * `[batch]` (int32) under a context `[batch, tokens, features]`: pure TF.js, recorded once.
 */
export type Predict = (
  latents: tf.Tensor4D,
  timesteps: tf.Tensor1D,
  context: tf.Tensor3D,
) => tf.Tensor4D;

/** What a sampler is made for. */
export interface SamplerOptions {
  compile: Compile;
  predict: Predict;
  config: SchedulerConfig;
}

/** One batch of images to make. The caller keeps its tensors. */
export interface SampleRequest {
  /** Start noise of standard deviation 1, `[batch, channels, height, width]`. */
  latents: HostTensor;
  /** Context of the prompts, `[batch, tokens, features]`. */
  conditional: tf.Tensor3D;
  /**
   * Context of the empty or negative prompt, `[1 or batch, tokens, features]`; needed unless
   * `guidanceScale` is 1.
   */
  unconditional?: tf.Tensor3D;
  /** 1 does without guidance, at half the cost. */
  guidanceScale?: number;
  steps: number;
  /** Called after each step. */
  onStep?: (progress: SampleProgress) => void;
  /** Ends the work before the next step, by an exception. */
  signal?: AbortSignal;
}

export interface SampleProgress {
  /** Steps done. */
  done: number;
  steps: number;
  timestep: number;
}

/**
 * Turns noise into samples. What it records for one shape of request is replayed for every step
 * of every request of that shape.
 */
export interface Sampler<Request extends SampleRequest = SampleRequest> {
  /** Clean latents `[batch, channels, height, width]`; the caller disposes. */
  sample(request: Request): Promise<tf.Tensor4D>;
  /** Frees what was recorded. */
  dispose(): void;
}
