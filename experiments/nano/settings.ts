import type { Experiment, ExperimentSpec } from "seedbed";

import { data, readDataSettings, type DataSettings } from "./settings/data.ts";
import { distillation, type DistillationSettings } from "./settings/distillation.ts";
import { evaluation, type EvaluationSettings } from "./settings/evaluation.ts";
import { lora, type LoraSettings } from "./settings/lora.ts";
import { loss, type LossSettings } from "./settings/loss.ts";
import { model, type ModelSettings } from "./settings/model.ts";
import { pruning, type PruningSettings } from "./settings/pruning.ts";
import { sampling, type SamplingSettings } from "./settings/sampling.ts";

export interface NanoTrainingSettings {
  data: DataSettings;
  model: ModelSettings;
  lora: LoraSettings | null;
  pruning: PruningSettings;
  loss: LossSettings;
  distillation: DistillationSettings;
  sampling: SamplingSettings;
  evaluation: EvaluationSettings;
}

export const sections: Experiment["sections"] = {
  data,
  model,
  lora,
  pruning,
  loss,
  distillation,
  sampling,
  evaluation,
};

export const settingsOf = (spec: ExperimentSpec): NanoTrainingSettings =>
  readDataSettings(spec, sections);
