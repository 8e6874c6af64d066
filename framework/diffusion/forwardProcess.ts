import * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { alphaAt, type NoiseSchedule } from "./noiseSchedule.ts";

/** How much of the clean sample and of the noise a noisy sample holds. */
export interface NoiseLevel<Level> {
  /** `sqrt(alphasCumprod[t])` */
  readonly signalScale: Level;
  /** `sqrt(1 - alphasCumprod[t])` */
  readonly noiseScale: Level;
}

/** Level of one timestep. @throws {RangeError} outside the schedule */
export function levelAt(schedule: NoiseSchedule, timestep: number): NoiseLevel<number> {
  const alpha = alphaAt(schedule, timestep);
  return { signalScale: Math.sqrt(alpha), noiseScale: Math.sqrt(1 - alpha) };
}

/**
 * Levels of a batch of timesteps, as inputs of a recorded training step.
 *
 * @returns two tensors `[batch, 1, ...]` of the given rank, so that they broadcast over samples
 */
export function noiseLevels(
  schedule: NoiseSchedule,
  timesteps: Int32Array,
  rank = 4,
): NoiseLevel<HostTensor> {
  const levels = Array.from(timesteps, (timestep) => levelAt(schedule, timestep));
  const shape = [timesteps.length, ...new Array<number>(rank - 1).fill(1)];
  const scales = (key: keyof NoiseLevel<number>): HostTensor =>
    hostTensor(
      Float32Array.from(levels, (level) => level[key]),
      shape,
    );
  return { signalScale: scales("signalScale"), noiseScale: scales("noiseScale") };
}

/**
 * The noisy sample of a training step.
 *
 * Source: Ho, Jain & Abbeel 2020, arXiv:2006.11239, eq. 4.
 */
export function addNoise(
  sample: tf.Tensor,
  noise: tf.Tensor,
  { signalScale, noiseScale }: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  return tf.tidy(() => sample.mul(signalScale).add(noise.mul(noiseScale)));
}

/**
 * What a network of prediction type `v_prediction` is trained to give.
 *
 * Source: Salimans & Ho 2022, arXiv:2202.00512, appendix D.
 */
export function velocity(
  sample: tf.Tensor,
  noise: tf.Tensor,
  { signalScale, noiseScale }: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  return tf.tidy(() => noise.mul(signalScale).sub(sample.mul(noiseScale)));
}
