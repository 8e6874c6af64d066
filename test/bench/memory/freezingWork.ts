import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { withAutoencoder } from "../../../experiments/dreambooth/trains/withAutoencoder.ts";
import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { addLora } from "../../../framework/adapters/lora.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { AutoencoderKl } from "../../../framework/models/autoencoderKl.ts";
import { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { Unet } from "../../../framework/models/unet.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import type { TrainingModule } from "../../../framework/training/trainingModule.ts";
import { updateSteps } from "../../support/updateSteps.ts";
import { textEncoderConfig, unetConfig, vaeConfig } from "../cases/stableDiffusionConfigs.ts";

/** What learns, from everything to least. */
export const freezings = ["everything", "vae", "vae+text", "lora"] as const;
export type Freezing = (typeof freezings)[number];

/** One picture of the subject, one of its class. */
const batch = 2;
/** Of Stable Diffusion's 512. */
const side = 256;
const tokens = 77;

/** Stable Diffusion 1.5 with a quarter of the channels and heads, and as many layers. */
const models = {
  unet: {
    ...unetConfig,
    block_out_channels: [80, 160, 320, 320],
    cross_attention_dim: 192,
    attention_head_dim: 2,
    norm_num_groups: 16,
  },
  textEncoder: {
    ...textEncoderConfig,
    hidden_size: 192,
    intermediate_size: 768,
    num_attention_heads: 3,
  },
  vae: {
    ...vaeConfig,
    block_out_channels: [32, 64, 128, 128],
    sample_size: side,
    norm_num_groups: 8,
  },
};

/** A DreamBooth step in which some parts are frozen. */
export interface FreezingWork {
  /** Parameters that learn. */
  readonly trainable: number;
  step(): Promise<number>;
}

/** Makes models, moments and a batch; only what the step reads is made. */
export async function freezingWork(freezing: Freezing, compile: Compile): Promise<FreezingWork> {
  const module = moduleOf(freezing);
  const steps = updateSteps(module, { compile, gradientClipVal: 1 });
  const random = new RandomStream(1, "inputs");
  const prepared = await module.prepareBatch!(examples(freezing, random), random, "train");
  const sizes = [...module.trainableParameters().values()].map(({ size }) => size);
  return {
    trainable: sizes.reduce((sum, size) => sum + size, 0),
    step: async () => (await steps.run(prepared))["loss"]!,
  };
}

function moduleOf(freezing: Freezing): TrainingModule {
  const unet = new Unet(models.unet, { seed: 1 });
  const textEncoder = new ClipTextEncoder(models.textEncoder, { seed: 1 });
  const parts = { unet, text_encoder: textEncoder };
  const isLora = freezing === "lora";
  const module = diffusionModule({
    unet,
    textEncoder,
    denoising: createDenoising({ config: stableDiffusionSchedule }),
    gradientCheckpointing: true,
    trains: { unet: !isLora, textEncoder: freezing === "everything" || freezing === "vae" },
    ...(isLora && { adapters: addLora(parts, { rank: 4, seed: 1 }).parameters }),
    optimizerConfig: { optimizer: adamW({ learningRate: 5e-6, weightDecay: 0.01 }) },
    combine: (losses) => dreamboothLoss(losses, batch / 2, 1),
  });
  if (freezing !== "everything") return module;
  return withAutoencoder(module, new AutoencoderKl(models.vae, { seed: 1 }));
}

function examples(freezing: Freezing, random: RandomStream): HostBatch {
  const images = [batch, 3, side, side];
  const latents = [batch, 4, side / 8, side / 8];
  const ids = Int32Array.from({ length: batch * tokens }, () => random.integer(1000));
  const shape = freezing === "everything" ? images : latents;
  return {
    [freezing === "everything" ? "images" : "latents"]: hostTensor(
      random.normals(sizeOf(shape)),
      shape,
    ),
    ids: hostTensor(ids, [batch, tokens]),
  };
}
