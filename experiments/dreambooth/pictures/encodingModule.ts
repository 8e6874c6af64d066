import type * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  sizeOf,
  type AutoencoderKl,
  type HostBatch,
  type HostTensor,
  type RandomStream,
  type TrainingModule,
} from "seedbed";

import { scaledDeviation } from "./encodePictures.ts";

/**
 * A module over `latents`, given batches whose latents are not decided yet: they have `images
 * [batch, 3, height, width]` in [-1, 1], which are encoded in the step, or a `deviation` beside the
 * latents, which are then drawn anew.
 *
 * @param posterior whether images become the mean of their distribution or a draw from it
 */
export function encodingModule(
  module: TrainingModule,
  autoencoder: AutoencoderKl,
  posterior: "mean" | "sample",
): TrainingModule {
  const encoded = (batch: tf.NamedTensorMap): tf.NamedTensorMap => {
    const { images, posteriorNoise, ...rest } = batch;
    if (!images) return batch;
    const { mean, logvar } = autoencoder.encode(images);
    const latents = autoencoder.scaleLatents(mean);
    if (!posteriorNoise) return { ...rest, latents };
    return {
      ...rest,
      latents: latents.add(scaledDeviation(autoencoder, logvar).mul(posteriorNoise)),
    };
  };
  return {
    ...module,
    async prepareBatch(batch, random, stage) {
      const prepare = async (given: HostBatch): Promise<HostBatch> =>
        (await module.prepareBatch?.(given, random, stage)) ?? given;
      if (!batch["images"]) return prepare(withDraw(batch, random));
      const shape = latentShape(batch["images"], autoencoder);
      const drawn = posterior === "sample" && { posteriorNoise: normals(random, shape) };
      const blank = hostTensor(new Float32Array(sizeOf(shape)), shape);
      const { latents: _, ...prepared } = await prepare({ ...batch, latents: blank });
      return { ...prepared, ...drawn };
    },
    trainingStep: (batch, context) => module.trainingStep(encoded(batch), context),
    ...(module.validationStep && {
      validationStep: (batch, context) => module.validationStep!(encoded(batch), context),
    }),
  };
}

/** Latents drawn from their distribution, if there is one. */
function withDraw(batch: HostBatch, random: RandomStream): HostBatch {
  const { deviation, ...rest } = batch;
  const { values: means, shape } = batch["latents"]!;
  if (!deviation) return batch;
  const noise = random.normals(means.length);
  const latents = noise.map((z, i) => means[i]! + deviation.values[i]! * z);
  return { ...rest, latents: hostTensor(latents, shape) };
}

function latentShape(images: HostTensor, { config, factor }: AutoencoderKl): number[] {
  const [batch = 0, , height = 0, width = 0] = images.shape;
  return [batch, config.latent_channels, height / factor, width / factor];
}

function normals(random: RandomStream, shape: readonly number[]): HostTensor {
  return hostTensor(random.normals(sizeOf(shape)), shape);
}
