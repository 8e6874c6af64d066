import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import {
  AutoencoderKl,
  klDivergence,
  sampleLatents,
} from "../../../framework/models/autoencoderKl.ts";
import { trainingStep } from "../trainingStep.ts";
import type { Workload } from "../workload.ts";

const batch = 16;
const imageSize = 64;
const klWeight = 1e-6;
const config = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  block_out_channels: [32, 32, 64],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 8,
};

export const autoencoder: Workload = {
  name: "autoencoder",
  title: "AutoencoderKL, channels 32 32 64, 16 images of 64 x 64",
  group: "training",
  pairs: 21,
  prepare(options) {
    const model = new AutoencoderKl(config, { seed: 1 });
    const problem = {
      peerModel: "autoencoder",
      config,
      parameters: model.parameters,
      inputs: inputsFor(model),
      numbers: { klWeight },
    } as const;
    return trainingStep(
      {
        ...problem,
        loss({ images, noise }) {
          const latents = model.encode(images!);
          const restored = model.decode(sampleLatents(latents, noise!));
          const divergence = klDivergence(latents).mean().mul(klWeight);
          return restored.sub(images!).square().mean().add(divergence);
        },
      },
      options,
    );
  },
};

function inputsFor({ factor, config: { latent_channels } }: AutoencoderKl): HostBatch {
  const random = new RandomStream(1, "inputs");
  const images = [batch, config.in_channels, imageSize, imageSize];
  const noise = [batch, latent_channels, imageSize / factor, imageSize / factor];
  return {
    images: hostTensor(
      random.uniforms(sizeOf(images)).map((value) => 2 * value - 1),
      images,
    ),
    noise: hostTensor(random.normals(sizeOf(noise)), noise),
  };
}
