import {
  createDenoising,
  InputError,
  withPredictionType,
  type Denoising,
  type PipelineComponents,
  type SchedulerConfig,
} from "seedbed";

import type { DreamboothSettings } from "./settings.ts";

/** The model as it is once it is trained: its scheduler says what the UNet then predicts. */
export function trainedComponents(
  components: PipelineComponents,
  settings: DreamboothSettings,
): PipelineComponents {
  return { ...components, scheduler: trainedScheduler(components.scheduler, settings) };
}

/** @throws {InputError} naming both keys where the model's schedule cannot be trained so */
export function trainedScheduler(
  scheduler: SchedulerConfig,
  { model, loss: { predictionType } }: DreamboothSettings,
): SchedulerConfig {
  if (predictionType === null) return scheduler;
  try {
    return withPredictionType(scheduler, predictionType);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(
      `Cannot use loss.predictionType ${predictionType} together with model.folder ${model.folder}: ${cause.message}`,
      { cause },
    );
  }
}

/** The denoising that `loss` asks for, of latents that the model's scheduler makes noisy. */
export function denoisingTask(config: SchedulerConfig, { loss }: DreamboothSettings): Denoising {
  return createDenoising({
    config,
    minSnrGamma: loss.minSnrGamma ?? undefined,
    lossType: loss.type,
    huberDelta: loss.huberDelta,
    huberSchedule: loss.huberSchedule,
    offsetNoise: loss.offsetNoise,
    elboWeight: loss.elboWeight,
  });
}
