import * as tf from "@tensorflow/tfjs";
import { hostTensor, type AutoencoderKl, type HostBatch, type TrainingModule } from "seedbed";

/**
 * A module on latents as one on `images [batch, 3, height, width]` in [-1, 1], whose autoencoder
 * learns as well: to give the images back. Its mean squared error is added to the loss. Latents
 * are those of the step's own encoder; the denoising loss does not reach it, since that is least
 * where all images have the same latents.
 *
 * Source: Rombach et al. 2022, arXiv:2112.10752, section 3.1, without the adversarial part.
 */
export function withAutoencoder(module: TrainingModule, vae: AutoencoderKl): TrainingModule {
  const own = new Map([...vae.parameters].map(([name, value]) => [`vae.${name}`, value]));
  const parameters = new Map([...module.trainableParameters(), ...own]);
  const frozen = new Map(
    [...(module.frozenParameters?.() ?? [])].filter(([name]) => !own.has(name)),
  );
  const encode = (images: tf.Tensor): tf.Tensor => vae.scaleLatents(vae.encode(images).mean);
  return {
    ...module,
    trainableParameters: () => parameters,
    frozenParameters: () => frozen,
    async prepareBatch(batch, random, stage) {
      const latents = blankLatents(batch["images"]!, vae);
      const prepared = { ...batch, latents };
      const { latents: _, ...rest } =
        (await module.prepareBatch?.(prepared, random, stage)) ?? prepared;
      return rest;
    },
    trainingStep(batch, context) {
      const images = batch["images"]!;
      const latents = encode(images);
      const output = module.trainingStep({ ...batch, latents: withoutGradient(latents) }, context);
      const decoded = vae.decode(vae.unscaleLatents(latents));
      const lossReconstruction = decoded.sub(images).square().mean<tf.Scalar>();
      return { ...output, loss: output.loss.add(lossReconstruction), lossReconstruction };
    },
    ...(module.validationStep && {
      validationStep: (batch, context) =>
        module.validationStep!({ ...batch, latents: encode(batch["images"]!) }, context),
    }),
  };
}

/** Has the shape alone: what is prepared depends on nothing else. */
function blankLatents(
  { shape: [batch = 0, , height = 0, width = 0] }: HostBatch[string],
  { factor, config }: AutoencoderKl,
): HostBatch[string] {
  const shape = [batch, config.latent_channels, height / factor, width / factor];
  return hostTensor(new Float32Array(shape.reduce((size, side) => size * side, 1)), shape);
}

/** The same values, which pass no gradient on. */
function withoutGradient(x: tf.Tensor): tf.Tensor {
  const stop = tf.customGrad(() => ({ value: x.clone(), gradFunc: () => [tf.zerosLike(x)] }));
  return stop(x);
}
