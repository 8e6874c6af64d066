import { hasTransparency, type Image, type Rgb, type RgbImage } from "seedbed";

import { dot, embed, mean, type Features } from "./features.ts";
import { borderColour, colourDifference, onBackground, snapColour } from "./pictures.ts";

/** A subject, in pictures of one size; transparent ones are laid over each sample's background. */
export interface Subject {
  /** What the model was tuned on. */
  readonly instances: readonly Image[];
  /** Pictures of the subject that were never trained on: what a perfect model could reach. */
  readonly references: readonly Image[];
}

/** A sample whose prompt named a background. */
export interface ColouredSample {
  readonly image: RgbImage;
  readonly colour: Rgb;
}

/** Samples to judge, in the size of the subject's pictures. */
export interface EvaluationSamples {
  /** The tuned model on the subject's prompt, such as "a sks penguin". */
  readonly subject: readonly RgbImage[];
  /**
   * What the class looks like without tuning; fidelity counts from here. Recommended: the base
   * model's samples of the class prompt, because every run has them. Drawings of the class by
   * others are a higher bar: they show a real animal, where a weak base model does not.
   */
  readonly classBaseline: readonly RgbImage[];
  /** The base model on the class prompt; default `classBaseline`. */
  readonly classBefore?: readonly RgbImage[];
  /** The tuned model on the class prompt. */
  readonly classAfter?: readonly RgbImage[];
  /** The tuned model on prompts such as "a sks penguin on a blue background". */
  readonly coloured?: readonly ColouredSample[];
}

export interface SubjectEvaluation {
  /** Name of the features. */
  readonly features: string;
  /** (subject - class) / (reference - class): 0 is the class, 1 is a real picture of the subject. */
  readonly fidelity: number;
  /** Mean cosine of samples and instances, and the same for the class and the references. */
  readonly subjectSimilarity: number;
  readonly classSimilarity: number;
  readonly referenceSimilarity: number;
  readonly prior?: PriorEvaluation;
  /** Share of coloured samples that are on the named colour. */
  readonly onNamedColour?: number;
  /** Share of coloured samples that show the subject on the named colour. */
  readonly backgroundSuccess?: number;
}

/** What became of the class. */
export interface PriorEvaluation {
  /** Mean of 1 - cosine over pairs of class samples. */
  readonly diversityBefore: number;
  readonly diversityAfter: number;
  /** After over before; 1 is kept. */
  readonly diversityRatio: number;
  /** Similarity of class samples to the instances; growth says the class turned into the subject. */
  readonly similarityBefore: number;
  readonly similarityAfter: number;
}

/** The largest difference at which a background counts as the named colour. */
export const backgroundTolerance = 20;

/**
 * Judges a tuned model by its samples.
 *
 * Features see the background, so each sample is compared with the instances laid over that
 * sample's own background colour; references likewise.
 *
 * @param scorer of the same features and instances, where it is at hand already
 * @throws {RangeError} when there is nothing to compare, or sizes differ
 */
export async function evaluateSubject(
  features: Features,
  subject: Subject,
  samples: EvaluationSamples,
  scorer: Scorer = createScorer(features, subject.instances),
): Promise<SubjectEvaluation> {
  checkPictures(subject, samples);
  const subjectSimilarity = mean(await scorer.similarities(samples.subject));
  const classSimilarity = mean(await scorer.similarities(samples.classBaseline));
  const referenceSimilarity = await scoreReferences(scorer, subject, samples.subject);
  const midpoint = (classSimilarity + referenceSimilarity) / 2;
  const { classAfter, classBefore = samples.classBaseline, coloured } = samples;
  return {
    features: features.extractor.name,
    fidelity: relativeFidelity(subjectSimilarity, classSimilarity, referenceSimilarity),
    subjectSimilarity,
    classSimilarity,
    referenceSimilarity,
    ...(classAfter && { prior: await evaluatePrior(features, scorer, classBefore, classAfter) }),
    ...(coloured && {
      onNamedColour: coloured.filter(isOnColour).length / coloured.length,
      backgroundSuccess: await scoreBackgrounds(scorer, coloured, midpoint),
    }),
  };
}

/** NaN when the references are no nearer to the subject than the class is: nothing can be told. */
export function relativeFidelity(after: number, before: number, reference: number): number {
  return reference > before ? (after - before) / (reference - before) : Number.NaN;
}

/** Mean of 1 - cosine over all pairs of images. */
export async function diversity(features: Features, images: readonly RgbImage[]): Promise<number> {
  if (images.length < 2) {
    throw new RangeError(`Cannot measure diversity: expected >= 2 images, got ${images.length}`);
  }
  const embeddings = await embed(features, images);
  const distances = embeddings.flatMap((a, i) => embeddings.slice(i + 1).map((b) => 1 - dot(a, b)));
  return mean(distances);
}

/** Compares images with the instances of a subject. */
export interface Scorer {
  /** Mean cosine of each image to the instances on that image's background. */
  similarities(images: readonly RgbImage[]): Promise<number[]>;
}

/** Instances on one colour are described once, however many images have that background. */
export function createScorer(features: Features, instances: readonly Image[]): Scorer {
  const known = new Map<string, Promise<Float64Array[]>>();
  const anyTransparent = instances.some(
    (instance) => instance.channels === 4 && hasTransparency(instance),
  );

  function instancesOn(colour: Rgb): Promise<Float64Array[]> {
    const key = anyTransparent ? colour.join() : "";
    const found = known.get(key);
    if (found) return found;
    const made = embed(
      features,
      instances.map((instance) => onBackground(instance, colour)),
    );
    known.set(key, made);
    return made;
  }

  return {
    async similarities(images) {
      const embeddings = await embed(features, images);
      return Promise.all(
        embeddings.map(async (embedding, i) => {
          const others = await instancesOn(snapColour(borderColour(images[i]!)));
          return mean(others.map((other) => dot(embedding, other)));
        }),
      );
    },
  };
}

/** The references on every background that the samples have, as often as they have it. */
async function scoreReferences(
  scorer: Scorer,
  { references }: Subject,
  samples: readonly RgbImage[],
): Promise<number> {
  const backgrounds = samples.map((sample) => snapColour(borderColour(sample)));
  const scores = new Map<string, number>();
  for (const colour of backgrounds) {
    if (scores.has(colour.join())) continue;
    const pictures = references.map((reference) => onBackground(reference, colour));
    scores.set(colour.join(), mean(await scorer.similarities(pictures)));
  }
  return mean(backgrounds.map((colour) => scores.get(colour.join())!));
}

async function evaluatePrior(
  features: Features,
  scorer: Scorer,
  before: readonly RgbImage[],
  after: readonly RgbImage[],
): Promise<PriorEvaluation> {
  const diversityBefore = await diversity(features, before);
  const diversityAfter = await diversity(features, after);
  return {
    diversityBefore,
    diversityAfter,
    diversityRatio: diversityAfter / diversityBefore,
    similarityBefore: mean(await scorer.similarities(before)),
    similarityAfter: mean(await scorer.similarities(after)),
  };
}

/** Share of samples on the named colour that are nearer to the subject than to the class. */
async function scoreBackgrounds(
  scorer: Scorer,
  samples: readonly ColouredSample[],
  leastSimilarity: number,
): Promise<number> {
  const similarities = await scorer.similarities(samples.map(({ image }) => image));
  const successes = samples.filter(
    (sample, i) => isOnColour(sample) && similarities[i]! >= leastSimilarity,
  );
  return successes.length / samples.length;
}

const isOnColour = ({ image, colour }: ColouredSample): boolean =>
  colourDifference(borderColour(image), colour) <= backgroundTolerance;

function checkPictures({ instances, references }: Subject, samples: EvaluationSamples): void {
  const groups: readonly [name: string, images: readonly Image[] | undefined, least: number][] = [
    ["instances", instances, 1],
    ["references", references, 1],
    ["subject samples", samples.subject, 1],
    ["class baseline samples", samples.classBaseline, samples.classAfter ? 2 : 1],
    ["class samples before", samples.classBefore, 2],
    ["class samples after", samples.classAfter, 2],
    ["coloured samples", samples.coloured?.map(({ image }) => image), 1],
  ];
  const { width, height } = instances[0] ?? { width: 0, height: 0 };
  for (const [name, images, least] of groups) {
    if (images === undefined) continue;
    if (images.length < least) {
      throw new RangeError(`Cannot evaluate: expected >= ${least} ${name}, got ${images.length}`);
    }
    const odd = images.find((image) => image.width !== width || image.height !== height);
    if (odd) {
      throw new RangeError(
        `Cannot evaluate: expected ${name} of ${width} x ${height} pixels, got ${odd.width} x ${odd.height}`,
      );
    }
  }
}
