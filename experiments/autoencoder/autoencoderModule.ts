import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  klDivergence,
  sampleLatents,
  type AutoencoderKl,
  type HostBatch,
  type OptimizerConfig,
  type RandomStream,
  type TrainingModule,
} from "seedbed";

import { reconstructionLosses, type ReconstructionLoss } from "./reconstructionLosses.ts";

export interface AutoencoderModuleOptions {
  autoencoder: AutoencoderKl;
  optimizerConfig: OptimizerConfig;
  /** Weight of the divergence from the standard normal, in nats per latent number. */
  klWeight: number;
  /** Whether latents may change; else the decoder alone learns. Default: true. */
  trainEncoder?: boolean;
  /** What pictures are compared by. Default: `squared`. */
  loss?: ReconstructionLoss;
}

/**
 * Trains an autoencoder by how its pictures differ from the given ones and a little divergence, or
 * its decoder alone.
 *
 * Batches hold `image [batch, 3, height, width]` in [-1, 1]; `prepareBatch` adds the `noise` that
 * draws latents from their distribution. The decoder alone learns from the mean, without noise, as
 * validation does.
 */
export function autoencoderModule({
  autoencoder,
  optimizerConfig,
  klWeight,
  trainEncoder = true,
  loss = "squared",
}: AutoencoderModuleOptions): TrainingModule {
  const difference = reconstructionLosses[loss];
  return {
    trainableParameters: () =>
      trainEncoder ? autoencoder.parameters : decoderParameters(autoencoder),
    configureOptimizers: () => optimizerConfig,
    prepareBatch: (batch, random, stage) =>
      trainEncoder && stage === "train" ? withNoise(batch, autoencoder, random) : batch,
    trainingStep({ image, noise }) {
      const latents = autoencoder.encode(image!);
      if (!trainEncoder) {
        const reconstruction = difference(autoencoder.decode(latents.mean), image!);
        return { loss: reconstruction, reconstruction };
      }
      const decoded = autoencoder.decode(sampleLatents(latents, noise!));
      const reconstruction = difference(decoded, image!);
      const kl = klDivergence(latents)
        .mean()
        .div(noise!.size / noise!.shape[0]!)
        .asScalar();
      return { loss: reconstruction.add(kl.mul(klWeight)), reconstruction, kl };
    },
    validationStep({ image }) {
      const { mean } = autoencoder.encode(image!);
      const decoded = autoencoder.decode(mean).clipByValue(-1, 1);
      const perImage = decoded.sub(image!).square().mean([1, 2, 3]);
      return {
        "val/loss": perImage.mean().asScalar(),
        "val/psnr": peakSignalToNoise(perImage).mean().asScalar(),
      };
    },
  };
}

function decoderParameters({ parameters }: AutoencoderKl): AutoencoderKl["parameters"] {
  const ofDecoder = /^(?:decoder|post_quant_conv)[./]/;
  return new Map([...parameters].filter(([name]) => ofDecoder.test(name)));
}

/** Decibels, from mean squared errors of images whose values span 2. */
function peakSignalToNoise(meanSquaredErrors: tf.Tensor): tf.Tensor {
  return tf.log(meanSquaredErrors.div(4)).mul(-10 / Math.LN10);
}

function withNoise(
  batch: HostBatch,
  { config, factor }: AutoencoderKl,
  random: RandomStream,
): HostBatch {
  const [size = 0, , height = 0, width = 0] = batch["image"]!.shape;
  const shape = [size, config.latent_channels, height / factor, width / factor];
  const noise = random.normals(shape.reduce((a, b) => a * b));
  return { ...batch, noise: hostTensor(noise, shape) };
}
