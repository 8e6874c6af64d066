import type { Image, RgbImage } from "seedbed";

import {
  createScorer,
  diversity,
  evaluateSubject,
  relativeFidelity,
} from "../evaluator/evaluator.ts";
import { mean, type Features } from "../evaluator/features.ts";
import type { ClipNumbers } from "./clipJudge.ts";
import type { Pictures } from "./drawPictures.ts";
import type { Question } from "./question.ts";

/** What pictures tell of a model; undefined: it was not asked, or there is nothing to tell it by. */
export interface PictureMetrics extends ClipNumbers {
  /** As in `SubjectEvaluation`; needs reference pictures. */
  readonly fidelity?: number | undefined;
  readonly subjectSimilarity?: number | undefined;
  /** Share of pictures on the named background; the subject need not be on it. */
  readonly onNamedColour?: number | undefined;
  /** Share of pictures of the subject on the named background; needs reference pictures. */
  readonly recontextualisation?: number | undefined;
  /** Of further pictures of the subject, on the backgrounds of these. */
  readonly referenceSimilarity?: number | undefined;
  /** Of class pictures and the subject's (the paper's PRES). */
  readonly classSimilarity: number;
  /** How far the class went from the base's towards the subject, as `fidelity` counts. */
  readonly classDrift?: number | undefined;
  /** Mean of 1 - cosine over pairs of class pictures, and the same over the base's. */
  readonly diversity: number;
  readonly diversityRatio: number;
}

export interface SubjectPictures {
  readonly instances: readonly Image[];
  /** Further pictures of the subject, if there are any. */
  readonly references: readonly Image[];
}

/** Judges what a model drew beside what its base did. */
export async function measurePictures(
  features: Features,
  { instances, references }: SubjectPictures,
  question: Question,
  { own, base }: { own: Pictures; base: Pictures },
): Promise<PictureMetrics> {
  const before = base.get(question.class.prompt) ?? [];
  const after = own.get(question.class.prompt) ?? [];
  const subject = own.get(question.subject.prompt) ?? [];
  if (subject.length === 0) return measureClass(features, instances, before, after);
  const coloured = question.coloured.flatMap(({ prompt, colour }) =>
    (own.get(prompt) ?? []).map((image) => ({ image, colour })),
  );
  const hasReferences = references.length > 0;
  const found = await evaluateSubject(
    features,
    { instances, references: hasReferences ? references : instances },
    {
      subject,
      classBaseline: before,
      classAfter: after,
      ...(coloured.length > 0 && { coloured }),
    },
  );
  const { similarityBefore, similarityAfter, diversityAfter, diversityRatio } = found.prior!;
  return {
    subjectSimilarity: found.subjectSimilarity,
    onNamedColour: found.onNamedColour,
    classSimilarity: similarityAfter,
    diversity: diversityAfter,
    diversityRatio,
    ...(hasReferences && {
      fidelity: found.fidelity,
      referenceSimilarity: found.referenceSimilarity,
      recontextualisation: found.backgroundSuccess,
      classDrift: relativeFidelity(similarityAfter, similarityBefore, found.referenceSimilarity),
    }),
  };
}

/** For a model that does not know the subject's name. */
async function measureClass(
  features: Features,
  instances: readonly Image[],
  before: readonly RgbImage[],
  after: readonly RgbImage[],
): Promise<PictureMetrics> {
  const own = await diversity(features, after);
  return {
    classSimilarity: mean(await createScorer(features, instances).similarities(after)),
    diversity: own,
    diversityRatio: own / (await diversity(features, before)),
  };
}
