import { readSections, type ExperimentSpec } from "seedbed";

import { dataSchema, type DataSettings } from "./settings/data.ts";
import { lossSchema, type LossSettings } from "./settings/loss.ts";
import { modelSchema, type ModelSettings } from "./settings/model.ts";
import { samplingSchema, type SamplingSettings } from "./settings/sampling.ts";
import { validationSchema, type ValidationSettings } from "./settings/validation.ts";
import { fillTemplate, isTemplate, resolveSubjects, type GivenData } from "./subjects.ts";

/** What the spec says beyond the common keys; the schemas below guarantee it. */
export interface DreamboothSettings {
  model: ModelSettings;
  loss: LossSettings;
  data: DataSettings;
  sampling: SamplingSettings;
  validation: ValidationSettings;
}

export const sections: Readonly<Record<string, object>> = {
  model: modelSchema,
  loss: lossSchema,
  data: dataSchema,
  sampling: samplingSchema,
  validation: validationSchema,
};

type GivenSettings = Omit<DreamboothSettings, "data"> & { data: GivenData };

/**
 * The spec's own sections, checked. What there is of each subject is that of the first.
 *
 * @throws {InputError} when it is not clear which subjects there are, or what they are called
 */
export function settingsOf(spec: ExperimentSpec): DreamboothSettings {
  return settingsOfSubjects(spec)[0]!;
}

/**
 * The settings with each subject in the place of the first. Further prompts that name {token} or
 * {class} are every subject's, the others the first one's.
 *
 * @throws {InputError} as `settingsOf`
 */
export function settingsOfSubjects(spec: ExperimentSpec): DreamboothSettings[] {
  const given = readSections<GivenSettings>(spec, sections);
  const data = resolveSubjects(given.data);
  return data.subjects.map((subject, i) => {
    const filled = <Section extends { prompts: string[] }>(section: Section): Section => ({
      ...section,
      prompts: section.prompts
        .filter((prompt) => i === 0 || isTemplate(prompt))
        .map((prompt) => fillTemplate(prompt, subject.instance)),
    });
    return {
      ...given,
      data: { ...data, ...subject },
      sampling: filled(given.sampling),
      validation: filled(given.validation),
    };
  });
}
