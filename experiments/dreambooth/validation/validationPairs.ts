import type { IncompatiblePair } from "../incompatiblePair.ts";
import type { ValidationSettings } from "../settings/validation.ts";
import { clipMetricNames, isMonitored, qualityMetricNames, relativeMetrics } from "./monitored.ts";

/** Rows of the table in `incompatible.ts` that are about the section `validation`. */
export const validationPairs: readonly IncompatiblePair[] = [
  {
    keys: ["validation.metrics", "callbacks"],
    when: ({ validation }, spec) => !validation.metrics && isMonitored(spec, qualityMetricNames),
    problem: "a callback monitors what is not measured; set validation.metrics to true",
  },
  {
    keys: ["validation.clip", "callbacks"],
    when: ({ validation }, spec) => validation.clip === null && isMonitored(spec, clipMetricNames),
    problem: "a callback monitors what is not measured; give the folder of a CLIP",
  },
  {
    keys: ["data.instance.reference", "callbacks"],
    when: ({ data }, spec) =>
      data.instance.reference === null && isMonitored(spec, relativeMetrics),
    problem:
      "a callback monitors what needs pictures that are never trained on; give some, or monitor val/diversity",
  },
  {
    keys: ["data.instance.backgrounds", "callbacks"],
    when: ({ data, validation }, spec) =>
      Object.keys(data.instance.backgrounds).length * validation.colourSamples === 0 &&
      isMonitored(spec, ["val/promptFidelity"]),
    problem:
      "a callback monitors how well named colours are drawn; name some, with validation.colourSamples above 0",
  },
  {
    keys: ["validation.everyNSteps", "callbacks"],
    when: ({ validation: { everyNSteps } }, spec) =>
      everyNSteps !== null &&
      everyNSteps !== spec.trainer.valCheckInterval &&
      isMonitored(spec, [...qualityMetricNames, ...clipMetricNames]),
    problem:
      "callbacks look at metrics when the Trainer has validated; leave everyNSteps out, or make it trainer.valCheckInterval",
  },
  {
    keys: ["validation.everyNSteps", "trainer.limitValBatches"],
    when: ({ validation }, spec) =>
      validation.everyNSteps === null && spec.trainer.limitValBatches === 0 && looks(validation),
    problem: "there is no validation to look after; give everyNSteps",
  },
  {
    keys: ["validation.everyNSteps", "validation.prompts"],
    when: ({ validation }) => validation.everyNSteps !== null && !looks(validation),
    problem: "there is nothing to look at: no prompts, metrics, CLIP or reconstructions",
    isHarmless: true,
  },
  {
    keys: ["validation.sampler", "validation.eta"],
    when: ({ validation: { sampler, eta } }) =>
      sampler !== null && sampler !== "ddim" && eta !== null,
    problem: "only ddim takes it",
    isHarmless: true,
  },
  {
    keys: ["validation.negativePrompt", "validation.guidanceScale"],
    when: ({ sampling, validation }) =>
      validation.negativePrompt !== "" &&
      [validation.guidanceScale ?? sampling.guidanceScale].flat().every((scale) => scale === 1),
    problem: "a scale of 1 is no guidance, so nothing leads away from the negative prompt",
    isHarmless: true,
  },
];

/** Whether something is to be drawn or measured while training. */
function looks({ prompts, metrics, clip, reconstructions }: ValidationSettings): boolean {
  return prompts.length > 0 || metrics || clip !== null || reconstructions === "always";
}
