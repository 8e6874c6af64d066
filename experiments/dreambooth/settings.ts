import { readSections, type ExperimentSpec } from "seedbed";

import { dataSchema, type DataSettings } from "./settings/data.ts";
import { lossSchema, type LossSettings } from "./settings/loss.ts";
import { modelSchema, type ModelSettings } from "./settings/model.ts";
import { samplingSchema, type SamplingSettings } from "./settings/sampling.ts";
import { resolveSubjects, type GivenData } from "./subjects.ts";

/** What the spec says beyond the common keys; the schemas below guarantee it. */
export interface DreamboothSettings {
  model: ModelSettings;
  loss: LossSettings;
  data: DataSettings;
  sampling: SamplingSettings;
}

export const sections: Readonly<Record<string, object>> = {
  model: modelSchema,
  loss: lossSchema,
  data: dataSchema,
  sampling: samplingSchema,
};

type GivenSettings = Omit<DreamboothSettings, "data"> & { data: GivenData };

/**
 * The spec's own sections, checked.
 *
 * @throws {InputError} when it is not clear which subjects there are, or what they are called
 */
export function settingsOf(spec: ExperimentSpec): DreamboothSettings {
  const given = readSections<GivenSettings>(spec, sections);
  return { ...given, data: resolveSubjects(given.data) };
}
