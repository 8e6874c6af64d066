import { InputError } from "../../base/errors.ts";
import { withNamedSampler } from "../../diffusion/samplerNames.ts";
import { planSampling, stepsToSkip } from "../../diffusion/samplers/planSampling.ts";
import { readSchedulerConfig, type SchedulerConfig } from "../../diffusion/schedulerConfig.ts";
import { readAutoencoderKlConfig } from "../../models/autoencoderKl.ts";
import { readClipTextEncoderConfig } from "../../models/clipTextEncoder.ts";
import { readUnetConfig } from "../../models/unetConfig.ts";
import { openPipeline } from "../../pipelines/loadPipeline.ts";
import { trainedSide } from "../../pipelines/textToImage.ts";
import type { PipelineParts } from "../../weights/pipelineFolder.ts";
import type { SampleSettings } from "./sampleSettings.ts";

/** What a model's settings add to the user's. */
export interface SamplePlan {
  readonly scheduler: SchedulerConfig;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** In (0, 1]; of consequence where a picture is given. */
  readonly strength: number;
}

/**
 * Checks the options against a model's settings, before its weights are read.
 *
 * @param source the model's folder or file
 * @throws {InputError} naming what does not fit
 */
export function planSample(settings: SampleSettings, source: string): SamplePlan {
  const parts = openPipeline(source, settings);
  return refusing(() => {
    const scheduler = schedulerOf(settings, parts, source);
    const { width, height } = sizeOf(settings, parts);
    checkKind(settings, parts);
    const { mask, steps, eta, initImage } = settings;
    const { strength = mask === undefined ? 0.8 : 1 } = settings;
    if (steps > scheduler.num_train_timesteps) {
      throw new RangeError(
        `Cannot sample: --steps must be at most ${scheduler.num_train_timesteps}, as the model was trained with, got ${steps}`,
      );
    }
    const skip = initImage === undefined ? 0 : stepsToSkip(steps, strength);
    planSampling(scheduler, { steps, eta, skip });
    return { scheduler, width, height, strength };
  });
}

/** Passes wrong numbers on as what the user can mend. */
export function refusing<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError) {
      throw new InputError(cause.message, { cause });
    }
    throw cause;
  }
}

function schedulerOf(
  { sampler }: SampleSettings,
  { schedulerConfig }: PipelineParts,
  source: string,
): SchedulerConfig {
  if (sampler !== undefined) return withNamedSampler(schedulerConfig, sampler);
  return readSchedulerConfig(schedulerConfig, `${source}/scheduler`);
}

function sizeOf(
  { size, tile }: SampleSettings,
  { unet, vae }: PipelineParts,
): { width: number; height: number } {
  const factor = 2 ** (readAutoencoderKlConfig(vae.config).block_out_channels.length - 1);
  const side = trainedSide(unet.config, factor);
  const { width, height } = size ?? { width: side, height: side };
  if (width % factor !== 0 || height % factor !== 0) {
    throw new RangeError(
      `Cannot sample: --size must be divisible by ${factor}, got ${width}x${height}`,
    );
  }
  if (tile !== undefined && tile % factor !== 0) {
    throw new RangeError(`Cannot sample: --tile must be divisible by ${factor}, got ${tile}`);
  }
  return { width, height };
}

function checkKind(
  { mask, clipSkip }: SampleSettings,
  { unet, vae, textEncoder }: PipelineParts,
): void {
  const { latent_channels: latents } = readAutoencoderKlConfig(vae.config);
  const { in_channels: seen } = readUnetConfig(unet.config);
  const { num_hidden_layers: layers } = readClipTextEncoderConfig(textEncoder.config);
  if (seen !== latents && seen !== 2 * latents + 1) {
    throw new RangeError(
      `Cannot sample: expected a UNet of ${latents} channels, or ${2 * latents + 1} for inpainting, got ${seen}`,
    );
  }
  if (seen !== latents && mask === undefined) {
    throw new RangeError(
      "Cannot sample: the model paints into pictures; give one with --init-image and --mask",
    );
  }
  if (clipSkip > layers) {
    throw new RangeError(
      `Cannot sample: --clip-skip must be at most ${layers}, as the text encoder has layers, got ${clipSkip}`,
    );
  }
}
