import type * as tf from "@tensorflow/tfjs";

import type { Compile } from "../../base/compile.ts";
import type { HostTensor } from "../../base/hostTensor.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";

/**
 * The network's output for noisy latents `[batch, channels, height, width]` at timesteps
 * `[batch]` (float32: some samplers visit fractions) under a context `[batch, tokens, features]`:
 * pure TF.js, recorded once.
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
  /** Its class selects the sampler. */
  config: SchedulerConfig;
}

/** An image to begin with, instead of pure noise. */
export interface StartImage {
  /** Clean latents in the shape of the noise. */
  latents: HostTensor;
  /** Steps left out at the beginning; see `stepsToSkip`. */
  skip: number;
  /**
   * 1 where the image is made anew, 0 where it stays, `[1 or batch, 1, height, width]`; left out:
   * everywhere anew.
   */
  mask?: HostTensor;
}

/** One batch of images to make. The caller keeps its tensors. */
export interface SampleRequest {
  /** Start noise of standard deviation 1, `[batch, channels, height, width]`. */
  latents: HostTensor;
  image?: StartImage;
  /**
   * Channels that the network sees behind the latents' at every step, `[batch, more, height,
   * width]`: the mask and the masked image of inpainting checkpoints.
   */
  extraChannels?: HostTensor;
  /** Context of the prompts, `[batch, tokens, features]`. */
  conditional: tf.Tensor3D;
  /**
   * Context of the empty or negative prompt, `[1 or batch, tokens, features]`; needed unless
   * `guidanceScale` is 1.
   */
  unconditional?: tf.Tensor3D;
  /** 1 does without guidance, at half the cost. */
  guidanceScale?: number;
  /** How far guided predictions go back to the deviation of the conditional ones, in [0, 1]. */
  guidanceRescale?: number;
  steps: number;
  /** For DDIM: 0 is deterministic, 1 has the variance of ancestral sampling. */
  eta?: number;
  /**
   * Standard normal noise in the shape of the latents for the call of the network of this index,
   * for samplers that add noise.
   */
  stepNoise?: (call: number) => HostTensor;
  /** Called after each step. */
  onStep?: (progress: SampleProgress) => void;
  /** Ends the work before the next call of the network, by an exception. */
  signal?: AbortSignal;
}

export interface SampleProgress {
  /** Steps done. */
  done: number;
  /** Steps that are done in all. */
  steps: number;
  timestep: number;
}

/**
 * Turns noise into samples. What it records for one shape of request is replayed for every step
 * of every request of that shape.
 */
export interface Sampler {
  /** Clean latents `[batch, channels, height, width]`; the caller disposes. */
  sample(request: SampleRequest): Promise<tf.Tensor4D>;
  /** Frees what was recorded. */
  dispose(): void;
}
