import { readSections, type Experiment, type ExperimentSpec } from "seedbed";

import { data, withTokenizer, type DataSettings } from "./settings/data.ts";
import { distillation, type DistillationSettings } from "./settings/distillation.ts";
import { evaluation, type EvaluationSettings } from "./settings/evaluation.ts";
import { lora, type LoraSettings } from "./settings/lora.ts";
import { model, type ModelSettings } from "./settings/model.ts";
import { pruning, type PruningSettings } from "./settings/pruning.ts";
import { sampling, type SamplingSettings } from "./settings/sampling.ts";

export interface NanoTrainingSettings {
  data: DataSettings;
  model: ModelSettings;
  lora: LoraSettings | null;
  pruning: PruningSettings;
  distillation: DistillationSettings;
  sampling: SamplingSettings;
  evaluation: EvaluationSettings;
}

export const sections: Experiment["sections"] = {
  data,
  model,
  lora,
  pruning,
  distillation,
  sampling,
  evaluation,
};

export function settingsOf(spec: ExperimentSpec): NanoTrainingSettings {
  const settings = readSections<NanoTrainingSettings>(spec, sections);
  return { ...settings, data: withTokenizer(settings.data) };
}
