import { runEagerly, type PipelineComponents } from "seedbed";

import { openClip } from "../evaluator/clipScores.ts";
import type { DreamboothSettings } from "../settings.ts";
import { samplerConfig } from "./validationSampler.ts";

/**
 * Looks at what the section `validation` names, and tells what cannot be measured.
 *
 * @throws {InputError} when the CLIP is none, or the model cannot be sampled as asked
 */
export async function checkValidation(
  { data, validation }: DreamboothSettings,
  components: PipelineComponents,
  warn: (line: string) => void,
): Promise<void> {
  if (validation.sampler !== null) samplerConfig(components, validation.sampler);
  if (validation.clip !== null) (await openClip(validation.clip, runEagerly)).dispose();
  if (!validation.metrics) return;
  if (data.instance.reference === null) {
    warn(
      "Without data.instance.reference nothing says what a perfect model would reach: val/fidelity, val/classDrift, val/promptFidelity and val/score are left out",
    );
  } else if (Object.keys(data.instance.backgrounds).length === 0) {
    warn("Without data.instance.backgrounds no colour is named: val/promptFidelity is left out");
  }
}
