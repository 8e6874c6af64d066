import type { RgbImage } from "seedbed";

import { backgroundSamples } from "../backgroundSamples.ts";
import { clipMetrics, type PromptedImage } from "../evaluator/clipScores.ts";
import {
  createScorer,
  evaluateSubject,
  relativeFidelity,
  type ColouredSample,
  type SubjectEvaluation,
} from "../evaluator/evaluator.ts";
import { rememberVectors, type Features } from "../evaluator/features.ts";
import { tokenWords } from "../subjects.ts";
import type { SubjectJudges } from "./judges.ts";
import { qualityScore } from "./qualityScore.ts";
import type { ValidationSampler } from "./validationSampler.ts";

/** Measures how good the model is at the moment. */
export interface QualityMetrics {
  /** @param prompted samples that were drawn already, for CLIP's scores */
  measure(prompted: readonly PromptedImage[]): Promise<Record<string, number>>;
}

export interface Samplers {
  readonly sampler: ValidationSampler;
  /** Of the model as it was published. */
  readonly baseSampler: ValidationSampler;
}

type QualityMetricsOptions = Samplers & SubjectJudges;

/**
 * To be made before training: the class is compared with what the model draws now. Subject and
 * class have the same prompts and seeds at each look.
 */
export async function qualityMetrics(options: QualityMetricsOptions): Promise<QualityMetrics> {
  const { sampler, baseSampler, settings, features, clip } = options;
  const { data, validation } = settings;
  const { metricSamples: count, seed } = validation;
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const draw = (prompt: string, from = sampler): Promise<RgbImage[]> =>
    from.draw({ prompts: seeds.map(() => prompt), seeds });
  const evaluate =
    features &&
    evaluation({ ...options, features }, await draw(data.class.prompt, baseSampler), draw);
  const further = (prompted: readonly PromptedImage[]): PromptedImage[] =>
    prompted.filter(({ prompt }) => validation.prompts.includes(prompt));
  return {
    async measure(prompted) {
      const subject = await draw(data.instance.prompt);
      const own = subject.map((image) => ({ prompt: data.instance.prompt, image }));
      return {
        ...(await evaluate?.(subject)),
        ...(clip && (await clipMetrics(clip, [...own, ...further(prompted)], tokenWords(data)))),
      };
    },
  };
}

/** What the evaluator says of samples of the subject and, drawn here, of the class. */
function evaluation(
  { sampler, pictures, settings, features: own }: QualityMetricsOptions & { features: Features },
  classBaseline: readonly RgbImage[],
  draw: (prompt: string) => Promise<RgbImage[]>,
): (subject: readonly RgbImage[]) => Promise<Record<string, number>> {
  const { data, validation } = settings;
  const { instances, references } = pictures;
  const features = rememberVectors(own);
  const scorer = createScorer(features, instances);
  const isRelative = references.length > 0;
  const colours = { count: isRelative ? validation.colourSamples : 0, seed: validation.seed };
  const compared = { instances, references: isRelative ? references : instances };
  return async (subject) => {
    const coloured: ColouredSample[] =
      colours.count === 0
        ? []
        : await backgroundSamples(data.instance, colours, (request) => sampler.draw(request));
    const samples = {
      subject,
      classBaseline,
      classAfter: await draw(data.class.prompt),
      ...(coloured.length > 0 && { coloured }),
    };
    const result = await evaluateSubject(features, compared, samples, scorer);
    return metricsOf(result, { isRelative, ...validation });
  };
}

/** What needs reference pictures is left out without them. */
function metricsOf(
  result: SubjectEvaluation,
  limits: { isRelative: boolean; leastDiversity: number; mostDrift: number },
): Record<string, number> {
  const { fidelity, subjectSimilarity, classSimilarity, referenceSimilarity } = result;
  const { diversityRatio: diversity, similarityAfter } = result.prior!;
  const drift = relativeFidelity(similarityAfter, classSimilarity, referenceSimilarity);
  const { backgroundSuccess } = result;
  return {
    subjectSimilarity,
    classSimilarity: similarityAfter,
    diversity,
    ...(limits.isRelative && {
      fidelity,
      classDrift: drift,
      score: qualityScore({ fidelity, diversity, drift }, limits),
      ...(backgroundSuccess !== undefined && { promptFidelity: backgroundSuccess }),
    }),
  };
}
