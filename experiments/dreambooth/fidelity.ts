import type { ExperimentContext, RgbaImage, RgbImage } from "seedbed";

import { clipMetrics, clipScores, openClip } from "./evaluator/clipScores.ts";
import { evaluateSubject } from "./evaluator/evaluator.ts";
import { loadFeatures } from "./evaluator/features.ts";
import { subjectPictures } from "./evaluator/subjectPictures.ts";
import { parseColour, plainPicture } from "./pictures/framing.ts";
import type { SampleSet } from "./samples.ts";
import type { DreamboothSettings } from "./settings.ts";
import { tokenWords } from "./subjects.ts";

interface Measured {
  before: SampleSet;
  after: SampleSet;
  subjects: readonly { image: RgbaImage }[];
  settings: DreamboothSettings;
  context: Pick<ExperimentContext, "compile" | "print">;
}

/**
 * How well the subject was learnt and the class kept, as lines of the summary. Fidelity and
 * recontextualisation need reference pictures: without them only similarities are given. What became
 * of the class is told by its diversity too, which needs two samples.
 */
export async function measureFidelity(
  measured: Measured,
): Promise<Record<string, number | string>> {
  const { before, after, subjects, settings, context } = measured;
  const size = after.subject[0]!.width;
  const { reference } = settings.data.instance;
  const { instances, references } = await subjectPictures(subjects, reference, size);
  const features = await loadFeatures((reason) => context.print(`evaluation: ${reason}`));
  try {
    const { prior, ...result } = await evaluateSubject(
      features,
      { instances, references: references.length > 0 ? references : instances },
      {
        subject: after.subject,
        classBaseline: before.class,
        ...(hasDiversity(before.class, after.class) && { classAfter: after.class }),
        ...(after.coloured.length > 0 && { coloured: after.coloured }),
      },
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
        ...(result.backgroundSuccess !== undefined && {
          recontextualisation: result.backgroundSuccess,
        }),
      }),
      ...(await measureByClip(measured, size)),
    };
  } finally {
    await features.extractor.close();
  }
}

/** Whether there are pairs to tell the diversity by. */
const hasDiversity = (...sets: readonly (readonly RgbImage[])[]): boolean =>
  sets.every(({ length }) => length > 1);

/** The scores of papers, of samples of the subject's prompt and the further ones. */
async function measureByClip(
  { after, subjects, settings: { data, validation }, context }: Measured,
  size: number,
): Promise<Record<string, number>> {
  if (validation.clip === null) return {};
  const background = parseColour(data.background);
  const pictures = await Promise.all(
    subjects.map(({ image }) => plainPicture(image, size, background)),
  );
  const clip = await openClip(validation.clip, context.compile);
  const scores = await clipScores(clip, pictures);
  try {
    const ofSubject = { prompt: data.instance.prompt, images: after.subject };
    const samples = [ofSubject, ...after.others].flatMap(({ prompt, images }) =>
      images.map((image) => ({ prompt, image })),
    );
    return await clipMetrics(scores, samples, tokenWords(data));
  } finally {
    scores.dispose();
  }
}
