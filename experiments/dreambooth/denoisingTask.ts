import {
  createDenoising,
  InputError,
  retrainedScheduler,
  type Denoising,
  type PipelineComponents,
  type SchedulerConfig,
} from "seedbed";

import type { DreamboothSettings } from "./settings.ts";

/** The model as it is once it is trained: its scheduler says what the UNet has learnt. */
export function trainedComponents(
  components: PipelineComponents,
  settings: DreamboothSettings,
): PipelineComponents {
  return { ...components, scheduler: trainedScheduler(components.scheduler, settings) };
}

/** Whether a model's scheduler is another one after the training. */
export const changesScheduler = ({ loss }: DreamboothSettings): boolean =>
  loss.predictionType !== null || loss.zeroTerminalSnr !== null;

/** @throws {InputError} naming the keys where the model's schedule cannot be trained so */
export function trainedScheduler(
  scheduler: SchedulerConfig,
  settings: DreamboothSettings,
): SchedulerConfig {
  if (!changesScheduler(settings)) return scheduler;
  const { predictionType, zeroTerminalSnr } = settings.loss;
  try {
    return retrainedScheduler(scheduler, {
      predictionType: predictionType ?? undefined,
      zeroTerminalSnr: zeroTerminalSnr ?? undefined,
    });
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(
      `Cannot use loss.predictionType ${predictionType} and loss.zeroTerminalSnr ${zeroTerminalSnr} together with model.folder ${settings.model.folder}: ${cause.message}`,
      { cause },
    );
  }
}

/** Tells where the trained model's scheduler is of another class than the one that it began with. */
export function warnOfScheduler(
  { _class_name: given }: SchedulerConfig,
  { _class_name: trained }: SchedulerConfig,
  warn: (line: string) => void,
): void {
  if (trained === given) return;
  warn(
    `The trained model's scheduler is ${trained}, since ${given} cannot begin in pure noise as loss.zeroTerminalSnr asks for`,
  );
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
