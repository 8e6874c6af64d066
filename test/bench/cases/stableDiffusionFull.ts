/** @file Stable Diffusion 1.5 in its own size, at 512 x 512: what it takes to sample and to train. */
import { decodingWork } from "../decodingWork.ts";
import { dreamboothStep, type DreamboothStepOptions } from "../dreamboothStep.ts";
import { guidedStep } from "../guidedStep.ts";
import {
  fullSize,
  type PreparedWorkload,
  type PrepareOptions,
  type Workload,
} from "../workload.ts";

/** One run to record and to find a place for everything, then one to be measured. */
const measured = { group: fullSize, heavy: true, warmUps: 1, pairs: 1 } as const;

function sampling(
  name: string,
  title: string,
  prepare: (options: PrepareOptions) => PreparedWorkload,
): Workload {
  return { name: `sd-full-${name}`, title, ...measured, prepare };
}

function training(name: string, title: string, options: DreamboothStepOptions): Workload {
  return {
    name: `sd-full-${name}`,
    title: `DreamBooth step, ${title}`,
    ...measured,
    prepare: (given) => dreamboothStep(options, given),
  };
}

const checkpointed = { gradientCheckpointing: true };

/** In the order of their table. */
export const stableDiffusionFull: readonly Workload[] = [
  sampling("guided", "Guided step, both predictions in one batch", (options) =>
    guidedStep({ batched: true }, options),
  ),
  sampling("guided-apart", "Guided step, two calls of the UNet", (options) =>
    guidedStep({ batched: false }, options),
  ),
  sampling("decode", "Decoding a picture", (options) => decodingWork({}, options)),
  sampling("decode-tiled", "Decoding a picture in tiles of 256 x 256", (options) =>
    decodingWork({ tileSize: 32 }, options),
  ),
  training("train", "AdamW", {}),
  training("train-checkpointed", "AdamW, checkpointed", checkpointed),
  training("unet", "AdamW, text encoder frozen", { trains: "unet" }),
  training("unet-checkpointed", "AdamW, text encoder frozen, checkpointed", {
    trains: "unet",
    ...checkpointed,
  }),
  training("8bit", "8-bit Adam", { optimizer: "adam8bit" }),
  training("8bit-checkpointed", "8-bit Adam, checkpointed", {
    optimizer: "adam8bit",
    ...checkpointed,
  }),
  training("unet-8bit-checkpointed", "8-bit Adam, text encoder frozen, checkpointed", {
    trains: "unet",
    optimizer: "adam8bit",
    ...checkpointed,
  }),
  training("lora", "AdamW, LoRA of both", { trains: "lora" }),
  training("lora-checkpointed", "AdamW, LoRA of both, checkpointed", {
    trains: "lora",
    ...checkpointed,
  }),
];
