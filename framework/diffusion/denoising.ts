import * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostBatch } from "../base/hostTensor.ts";
import type { RandomStream } from "../base/random.ts";
import { elboWeights } from "./elboWeights.ts";
import { elementLosses, type LossType } from "./elementLosses.ts";
import { addNoise, noiseLevels, type NoiseLevel } from "./forwardProcess.ts";
import { huberDeltas, type HuberSchedule } from "./huberDeltas.ts";
import { createNoiseSchedule, type NoiseSchedule } from "./noiseSchedule.ts";
import { predictedNoise, predictionTarget } from "./predictions.ts";
import type { SchedulerConfig } from "./schedulerConfig.ts";
import { minSnrWeights } from "./signalToNoise.ts";

export interface DenoisingOptions {
  config: SchedulerConfig;
  /** Weight timesteps by min(SNR, gamma); left out: all alike. */
  minSnrGamma?: number | undefined;
  /** Default: `mse`. */
  lossType?: LossType;
  /** Where the Huber losses turn from squares to absolute values. Default: 0.1. */
  huberDelta?: number;
  /** Default: `constant`. */
  huberSchedule?: HuberSchedule;
  /** Weight of the variational bound beside the plain loss. Default: 0. */
  elboWeight?: number;
  /**
   * Deviation of what is added to all noise of one channel of one example, so that the model learns
   * to change a picture's brightness; 0.1 is usual. Default: 0.
   */
  offsetNoise?: number;
}

/** The training task of a diffusion model: what to add to a batch, and what to lose by. */
export interface Denoising {
  /**
   * A batch with `latents [batch, channels, height, width]`, to which `noise`, `timesteps
   * [batch]`, `signalScale`, `noiseScale` (both `[batch, 1, 1, 1]`) and `lossWeight [batch]` are
   * added, and for Huber losses `huberDelta [batch, 1, 1, 1]`. Timesteps are uniform.
   */
  prepare(batch: HostBatch, random: RandomStream): HostBatch;
  /**
   * Losses of each example, from a batch that was prepared. If it has `mask [batch, 1, height,
   * width]`, that is the weight of each place; masks whose mean is 1 leave examples as heavy as
   * they are without. Pure TF.js.
   */
  losses(batch: tf.NamedTensorMap, predict: PredictNoisy): DenoisingLosses;
}

/** A network's prediction for noisy latents, of the kind that the config names. */
export type PredictNoisy = (noisy: tf.Tensor, timesteps: tf.Tensor) => tf.Tensor;

export interface DenoisingLosses {
  /** Weighted mean loss of the prediction, `[batch]`: what is minimised. */
  loss: tf.Tensor1D;
  /** Mean squared error of the noise that the prediction implies, `[batch]`, not weighted. */
  noiseError: tf.Tensor1D;
}

/**
 * Denoising at random timesteps.
 *
 * Source: Ho et al. 2020, arXiv:2006.11239, eq. 14; weights of Hang et al. 2023, arXiv:2303.09556;
 * offset noise of Guttenberg 2023, "Diffusion with offset noise".
 */
export function createDenoising(options: DenoisingOptions): Denoising {
  const { config, offsetNoise = 0, lossType = "mse" } = options;
  const { huberDelta = 0.1, huberSchedule = "constant" } = options;
  const schedule = createNoiseSchedule(config);
  const weightsOf = timestepWeights(schedule, options);
  const type = config.prediction_type;
  const hasDelta = lossType !== "mse" && lossType !== "l1";
  return {
    prepare(batch, random) {
      const latents = batch["latents"]!;
      const size = latents.shape[0]!;
      const timesteps = Int32Array.from({ length: size }, () =>
        random.integer(config.num_train_timesteps),
      );
      const noise = random.normals(latents.values.length);
      if (offsetNoise > 0) addOffset(noise, latents.shape, offsetNoise, random);
      const deltas = huberDeltas(schedule, timesteps, huberDelta, huberSchedule);
      return {
        ...batch,
        noise: hostTensor(noise, latents.shape),
        timesteps: hostTensor(timesteps, [size]),
        ...noiseLevels(schedule, timesteps),
        lossWeight: hostTensor(weightsOf(timesteps), [size]),
        ...(hasDelta && { huberDelta: hostTensor(deltas, [size, 1, 1, 1]) }),
      };
    },
    losses(batch, predict) {
      const { latents, noise, timesteps, signalScale, noiseScale, lossWeight, mask } = batch;
      const level: NoiseLevel<tf.Tensor> = { signalScale: signalScale!, noiseScale: noiseScale! };
      const noisy = addNoise(latents!, noise!, level);
      const prediction = predict(noisy, timesteps!);
      const target = predictionTarget(type, latents!, noise!, level);
      const implied = predictedNoise(type, prediction, noisy, level);
      const element = elementLosses[lossType](prediction.sub(target), batch["huberDelta"]!);
      return {
        loss: exampleMeans(mask ? element.mul(mask) : element).mul(lossWeight!),
        noiseError: exampleMeans(implied.sub(noise!).square()),
      };
    },
  };
}

/** Adds one number to all elements of each channel of each example. */
function addOffset(
  noise: Float32Array,
  [examples = 1, channels = 1]: readonly number[],
  strength: number,
  random: RandomStream,
): void {
  const size = noise.length / (examples * channels);
  for (let start = 0; start < noise.length; start += size) {
    const offset = strength * random.normal();
    for (let i = start; i < start + size; i++) noise[i]! += offset;
  }
}

/** Mean over all axes but the first. */
function exampleMeans(elements: tf.Tensor): tf.Tensor1D {
  return elements.mean<tf.Tensor1D>(elements.shape.map((_, axis) => axis).slice(1));
}

/** Weight of the plain loss, and of the bound beside it. */
function timestepWeights(
  schedule: NoiseSchedule,
  { config, minSnrGamma: gamma, elboWeight = 0 }: DenoisingOptions,
): (timesteps: Int32Array) => Float32Array {
  const bound = elboWeight > 0 ? elboWeights(config) : undefined;
  return (timesteps) => {
    const weights =
      gamma === undefined
        ? new Float32Array(timesteps.length).fill(1)
        : minSnrWeights(schedule, timesteps, config.prediction_type, gamma);
    if (!bound) return weights;
    return weights.map((weight, i) => weight + elboWeight * bound[timesteps[i]!]!);
  };
}
