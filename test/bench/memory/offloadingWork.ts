import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { Unet } from "../../../framework/models/unet.ts";
import { createOptimizer } from "../../../framework/optim/optimizers/index.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { textEncoderConfig, unetConfig } from "../cases/stableDiffusionConfigs.ts";

/** Models of Stable Diffusion 1.5, or with half of its channels and heads. */
export const offloadingSizes = ["half", "full"] as const;
export type OffloadingSize = (typeof offloadingSizes)[number];

/** Where moments are. */
export const placements = ["memory", "files"] as const;
export type Placement = (typeof placements)[number];

const batch = 1;
const tokens = 77;
/** Of the latents of a picture of 256 x 256: the moments are what takes memory. */
const side = 32;

const models = {
  half: {
    unet: {
      ...unetConfig,
      block_out_channels: [160, 320, 640, 640],
      cross_attention_dim: 384,
      attention_head_dim: 4,
    },
    textEncoder: {
      ...textEncoderConfig,
      hidden_size: 384,
      intermediate_size: 1536,
      num_attention_heads: 6,
    },
  },
  full: { unet: unetConfig, textEncoder: textEncoderConfig },
};

/** A checkpointed UNet that learns with AdamW, beside a text encoder that does not. */
export function offloadingModule(size: OffloadingSize, placement: Placement): TrainingModule {
  const { unet, textEncoder } = models[size];
  const optimizer = createOptimizer({
    name: "adamW",
    learningRate: 5e-6,
    offload: placement === "files",
  });
  return diffusionModule({
    unet: new Unet(unet, { seed: 1 }),
    textEncoder: new ClipTextEncoder(textEncoder, { seed: 1 }),
    denoising: createDenoising({ config: stableDiffusionSchedule }),
    gradientCheckpointing: true,
    trains: { unet: true, textEncoder: false },
    optimizerConfig: { optimizer },
  });
}

/** The same latents and words in each batch. */
export function offloadingLoader(): DataLoader {
  const random = new RandomStream(1, "inputs");
  const shape = [batch, 4, side, side];
  const ids = Int32Array.from({ length: batch * tokens }, () => random.integer(1000));
  const example: HostBatch = {
    latents: hostTensor(random.normals(sizeOf(shape)), shape),
    ids: hostTensor(ids, [batch, tokens]),
  };
  return { length: 1, batch: async () => example };
}
