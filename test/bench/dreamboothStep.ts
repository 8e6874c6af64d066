import type * as tf from "@tensorflow/tfjs";

import { dreamboothLoss } from "../../experiments/dreambooth/dreamboothLoss.ts";
import { diffusionModule } from "../../experiments/textToImage/diffusionModule.ts";
import { addLora } from "../../framework/adapters/lora.ts";
import { hostTensor, type HostBatch } from "../../framework/base/hostTensor.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import { createDenoising, type Denoising } from "../../framework/diffusion/denoising.ts";
import { stableDiffusionSchedule } from "../../framework/diffusion/schedulerConfig.ts";
import { ClipTextEncoder } from "../../framework/models/clipTextEncoder.ts";
import { Unet } from "../../framework/models/unet.ts";
import { adam8bit } from "../../framework/optim/optimizers/adam8bit.ts";
import { adamW } from "../../framework/optim/optimizers/adamW.ts";
import { updateSteps } from "../support/updateSteps.ts";
import {
  contextShape,
  latentShape,
  textEncoderConfig,
  unetConfig,
} from "./cases/stableDiffusionConfigs.ts";
import type { PrepareOptions, PreparedWorkload } from "./workload.ts";

/** The settings of diffusers' DreamBooth script. */
const settings = { learningRate: 5e-6, weightDecay: 0.01 };
const gradientClipVal = 1;
const priorWeight = 1;
/** One picture of the subject, one of its class. */
const subjects = 1;
const batch = 2;
const loraRank = 4;

export interface DreamboothStepOptions {
  /** UNet and text encoder, the UNet alone, or changes of low rank of both. Default: `both`. */
  trains?: "both" | "unet" | "lora";
  gradientCheckpointing?: boolean;
  optimizer?: "adamW" | "adam8bit";
}

/** The DreamBooth experiment's step on models of Stable Diffusion 1.5's shapes. */
export function dreamboothStep(
  { trains = "both", gradientCheckpointing = false, optimizer = "adamW" }: DreamboothStepOptions,
  { compile, blank = false }: PrepareOptions,
): PreparedWorkload {
  const seed = blank ? null : 1;
  const unet = new Unet(unetConfig, { seed });
  const textEncoder = new ClipTextEncoder(textEncoderConfig, { seed });
  const denoising = createDenoising({ config: stableDiffusionSchedule });
  const rule = optimizer === "adamW" ? adamW(settings) : adam8bit(settings);
  const module = diffusionModule({
    unet,
    textEncoder,
    denoising,
    trains: { unet: true, textEncoder: trains === "both" },
    gradientCheckpointing,
    optimizerConfig: { optimizer: rule },
    combine: (losses) => dreamboothLoss(losses, subjects, priorWeight),
  });
  const lora =
    trains === "lora"
      ? addLora({ unet, text_encoder: textEncoder }, { rank: loraRank, seed: 1 })
      : undefined;
  const trained: ReadonlyMap<string, tf.Variable> =
    lora?.parameters ?? module.trainableParameters();
  const step = updateSteps(
    { ...module, trainableParameters: () => trained },
    { compile, gradientClipVal },
  );
  const inputs = inputsFor(denoising);
  return {
    run: async () => (await step.run(inputs))["loss"]!,
    repeats: 1,
    dispose: () => step.dispose(),
  };
}

function inputsFor(denoising: Denoising): HostBatch {
  const random = new RandomStream(1, "inputs");
  const latents = [batch, ...latentShape];
  const ids = [batch, contextShape[0]];
  const id = (): number => random.integer(textEncoderConfig.vocab_size);
  const examples = {
    latents: hostTensor(random.normals(sizeOf(latents)), latents),
    ids: hostTensor(Int32Array.from({ length: sizeOf(ids) }, id), ids),
  };
  return denoising.prepare(examples, random);
}
