import {
  tensorToImages,
  schedulerConfigJson,
  withNamedSampler,
  type ExperimentContext,
  type PipelineComponents,
  type RgbImage,
  type SchedulerConfig,
} from "seedbed";

import type { DrawRequest } from "../backgroundSamples.ts";
import { literalTextToImage } from "../literalPrompts.ts";
import type { DreamboothSettings } from "../settings.ts";
import type { Drawing } from "./validationOptions.ts";

/** Draws with the weights of the moment, as the section `validation` says. */
export interface ValidationSampler {
  /** @param guidanceScale by default the first that the spec names */
  draw(request: DrawRequest, guidanceScale?: number): Promise<RgbImage[]>;
  readonly guidanceScales: readonly number[];
  dispose(): void;
}

/**
 * The model's noise schedule with a sampler by name.
 *
 * @throws {InputError} when the model cannot be sampled so
 */
export function samplerConfig(
  { scheduler }: Pick<PipelineComponents, "scheduler">,
  sampler: string,
): SchedulerConfig {
  return withNamedSampler(schedulerConfigJson(scheduler), sampler);
}

/** What the spec does not say is as in `sampling`. */
export function validationSampler(
  { components, generator }: Drawing,
  { sampling, validation }: DreamboothSettings,
  { compile, signal }: Pick<ExperimentContext, "compile" | "signal">,
): ValidationSampler {
  const { sampler, negativePrompt } = validation;
  const own =
    sampler === null
      ? undefined
      : literalTextToImage(
          { ...components, scheduler: samplerConfig(components, sampler) },
          compile,
        );
  const guidanceScales = [validation.guidanceScale ?? sampling.guidanceScale].flat();
  const settings = {
    steps: validation.steps ?? sampling.steps,
    batchSize: validation.batchSize ?? sampling.batchSize,
    ...((sampler === null || sampler === "ddim") && { eta: validation.eta ?? sampling.eta }),
  };
  return {
    guidanceScales,
    async draw(request, guidanceScale = guidanceScales[0]!) {
      const asked = { ...request, ...settings, guidanceScale, negativePrompt, signal };
      return tensorToImages(await (own ?? generator).generate(asked));
    },
    dispose: () => own?.dispose(),
  };
}
