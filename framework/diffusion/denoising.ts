import * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";
import { addNoise, noiseLevels, type NoiseLevel } from "./forwardProcess.ts";
import { createNoiseSchedule, type NoiseSchedule } from "./noiseSchedule.ts";
import { predictedNoise, predictionTarget } from "./predictions.ts";
import type { SchedulerConfig } from "./schedulerConfig.ts";
import { minSnrWeights } from "./signalToNoise.ts";

export interface DenoisingOptions {
  config: SchedulerConfig;
  /** Weight timesteps by min(SNR, gamma); left out: all alike. */
  minSnrGamma?: number | undefined;
}

/** The training task of a diffusion model: what to add to a batch, and what to lose by. */
export interface Denoising {
  /**
   * A batch with `latents [batch, channels, height, width]`, to which `noise`, `timesteps
   * [batch]`, `signalScale`, `noiseScale` (both `[batch, 1, 1, 1]`) and `lossWeight [batch]` are
   * added. Timesteps are uniform.
   */
  prepare(batch: HostBatch, random: RandomStream): HostBatch;
  /** Losses of each example, from a batch that was prepared. Pure TF.js. */
  losses(batch: tf.NamedTensorMap, predict: PredictNoisy): DenoisingLosses;
}

/** A network's prediction for noisy latents, of the kind that the config names. */
export type PredictNoisy = (noisy: tf.Tensor, timesteps: tf.Tensor) => tf.Tensor;

export interface DenoisingLosses {
  /** Weighted mean squared error of the prediction, `[batch]`: what is minimised. */
  loss: tf.Tensor1D;
  /** Mean squared error of the noise that the prediction implies, `[batch]`, not weighted. */
  noiseError: tf.Tensor1D;
}

/**
 * Denoising at random timesteps.
 *
 * Source: Ho et al. 2020, arXiv:2006.11239, eq. 14; weights of Hang et al. 2023, arXiv:2303.09556.
 */
export function createDenoising({ config, minSnrGamma }: DenoisingOptions): Denoising {
  const schedule = createNoiseSchedule(config);
  const type = config.prediction_type;
  return {
    prepare(batch, random) {
      const latents = batch["latents"]!;
      const size = latents.shape[0]!;
      const timesteps = Int32Array.from({ length: size }, () =>
        random.integer(config.num_train_timesteps),
      );
      const noise = random.normals(latents.values.length);
      return {
        ...batch,
        noise: hostTensor(noise, latents.shape),
        timesteps: hostTensor(timesteps, [size]),
        ...noiseLevels(schedule, timesteps),
        lossWeight: hostTensor(weights(schedule, timesteps, config, minSnrGamma), [size]),
      };
    },
    losses(batch, predict) {
      const { latents, noise, timesteps, signalScale, noiseScale, lossWeight } = batch;
      const level: NoiseLevel<tf.Tensor> = { signalScale: signalScale!, noiseScale: noiseScale! };
      const noisy = addNoise(latents!, noise!, level);
      const prediction = predict(noisy, timesteps!);
      const target = predictionTarget(type, latents!, noise!, level);
      const implied = predictedNoise(type, prediction, noisy, level);
      return {
        loss: meanSquares(prediction.sub(target)).mul(lossWeight!),
        noiseError: meanSquares(implied.sub(noise!)),
      };
    },
  };
}

/** Mean over all axes but the first. */
function meanSquares(difference: tf.Tensor): tf.Tensor1D {
  return difference.square().mean<tf.Tensor1D>(difference.shape.map((_, axis) => axis).slice(1));
}

function weights(
  schedule: NoiseSchedule,
  timesteps: Int32Array,
  { prediction_type: type }: SchedulerConfig,
  gamma: number | undefined,
): Float32Array {
  if (gamma === undefined) return new Float32Array(timesteps.length).fill(1);
  return minSnrWeights(schedule, timesteps, type, gamma);
}
