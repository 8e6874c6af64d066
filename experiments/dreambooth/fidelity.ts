import {
  cropSquare,
  readImages,
  resizeImage,
  type ExperimentContext,
  type RgbaImage,
} from "seedbed";

import { evaluateSubject } from "./evaluator/evaluator.ts";
import { loadFeatures } from "./evaluator/features.ts";
import type { SampleSet } from "./samples.ts";
import type { DreamboothSettings } from "./settings.ts";

/**
 * How well the subject was learnt and the class kept, as lines of the summary. Fidelity needs
 * reference pictures: without them only similarities are given.
 */
export async function measureFidelity({
  before,
  after,
  subjects,
  settings: { data },
  context: { print },
}: {
  before: SampleSet;
  after: SampleSet;
  subjects: readonly { image: RgbaImage }[];
  settings: DreamboothSettings;
  context: ExperimentContext;
}): Promise<Record<string, number | string>> {
  const size = after.subject[0]!.width;
  const fit = (images: readonly { image: RgbaImage }[]): Promise<RgbaImage[]> =>
    Promise.all(images.map(({ image }) => resizeImage(cropSquare(image), size, size)));
  const instances = await fit(subjects);
  const features = await loadFeatures((reason) => print(`evaluation: ${reason}`));
  try {
    const references =
      data.instance.reference === null ? [] : await fit(await readImages(data.instance.reference));
    const { prior, ...result } = await evaluateSubject(
      features,
      { instances, references: references.length > 0 ? references : instances },
      { subject: after.subject, classBaseline: before.class, classAfter: after.class },
    );
    return {
      features: result.features,
      subjectSimilarity: result.subjectSimilarity,
      classSimilarity: result.classSimilarity,
      ...(prior && {
        classSimilarityAfter: prior.similarityAfter,
        diversity: prior.diversityRatio,
      }),
      ...(references.length > 0 && {
        referenceSimilarity: result.referenceSimilarity,
        fidelity: result.fidelity,
      }),
    };
  } finally {
    await features.extractor.close();
  }
}
