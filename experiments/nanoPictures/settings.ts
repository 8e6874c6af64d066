import type { Experiment, ExperimentSpec } from "seedbed";

import { readDataSettings } from "../nano/settings/data.ts";
import { evaluation, type EvaluationSettings } from "../nano/settings/evaluation.ts";
import { lora, type LoraSettings } from "../nano/settings/lora.ts";
import { data, type DataSettings } from "./settings/data.ts";
import { model, type ModelSettings } from "./settings/model.ts";
import { sampling, type SamplingSettings } from "./settings/sampling.ts";

export interface PictureTrainingSettings {
  data: DataSettings;
  model: ModelSettings;
  lora: LoraSettings | null;
  sampling: SamplingSettings;
  evaluation: EvaluationSettings;
}

export const sections: Experiment["sections"] = { data, model, lora, sampling, evaluation };

export const settingsOf = (spec: ExperimentSpec): PictureTrainingSettings =>
  readDataSettings(spec, sections);
