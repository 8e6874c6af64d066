import {
  cropSquare,
  resizeImage,
  type EvaluateContext,
  type EvaluateProgress,
  type Report,
  type Rgb,
  type RgbaImage,
} from "seedbed";

import { loadFeatures, type Features } from "../evaluator/features.ts";
import { onBackground } from "../evaluator/pictures.ts";
import { clipJudge } from "./clipJudge.ts";
import { countMissing, drawPictures, type Drawing, type Pictures } from "./drawPictures.ts";
import { evaluationReport } from "./evaluationReport.ts";
import type { JudgedModel, JudgedRun, JudgedSubject } from "./judged.ts";
import { measurePictures } from "./measurePictures.ts";
import { planEvaluation, type PlannedSubject } from "./planEvaluation.ts";
import { fewPictures } from "./question.ts";

/**
 * Compares runs: draws the same pictures with the model of each and with their bases, and judges
 * them as a run judges itself. Each base draws once for all runs that began with it.
 */
export async function evaluate(context: EvaluateContext): Promise<Report> {
  const { print, signal } = context;
  const plan = await planEvaluation(context);
  const draw = artist(context, plan);
  const features = await loadFeatures((reason) => print(`evaluation: ${reason}`));
  try {
    const subjects: JudgedSubject[] = [];
    for (const subject of plan) {
      subjects.push(await judgeSubject(subject, features, draw.pictures, context));
      signal.throwIfAborted();
    }
    return evaluationReport(subjects, context.runs, features.extractor.name);
  } finally {
    draw.close();
    await features.extractor.close();
  }
}

type Draw = (drawing: Drawing) => Promise<Pictures>;

/** Draws one model after the other, and shows how much of all is done. */
function artist(
  { compile, signal, startProgress }: EvaluateContext,
  plan: readonly PlannedSubject[],
): { pictures: Draw; close: () => void } {
  const total = countMissing(plan.flatMap(({ base, runs }) => [base, ...runs]));
  let progress: EvaluateProgress | undefined;
  let done = 0;
  return {
    async pictures(drawing) {
      const missing = countMissing([drawing]);
      if (missing > 0) progress ??= startProgress(total);
      const onDrawn = (pictures: number): void => progress?.show((done + pictures) / total);
      const pictures = await drawPictures(drawing, { compile, signal, onDrawn });
      done += missing;
      return pictures;
    },
    close: () => progress?.close(),
  };
}

async function judgeSubject(
  { instances, references, question, tokens, clip, base, runs }: PlannedSubject,
  features: Features,
  draw: Draw,
  context: EvaluateContext,
): Promise<JudgedSubject> {
  const ofBase = await draw(base);
  const { width } = ofBase.get(question.class.prompt)![0]!;
  const subject = {
    instances: await fitted(instances, width),
    references: await fitted(references, width),
  };
  const pictures = subject.instances.map((image) => onBackground(image, white));
  const byClip = await clipJudge(clip, question, { pictures, tokens }, context);
  const judge = async (own: Pictures): Promise<JudgedModel> => ({
    metrics: {
      ...(await measurePictures(features, subject, question, { own, base: ofBase })),
      ...(await byClip.measure(own)),
    },
    pictures: shown(own),
  });
  try {
    const judged: JudgedRun[] = [];
    for (const { run, ...drawing } of runs) {
      const model = await judge(await draw(drawing));
      judged.push({ ...model, run, weights: drawing.weights });
    }
    return { question, instances, base: await judge(ofBase), runs: judged };
  } finally {
    byClip.dispose();
  }
}

const white: Rgb = [255, 255, 255];

const fitted = (images: readonly RgbaImage[], side: number): Promise<RgbaImage[]> =>
  Promise.all(images.map((image) => resizeImage(cropSquare(image), side, side)));

/** Those that the report shows; the others need not be kept in memory. */
function shown(pictures: Pictures): Pictures {
  return new Map([...pictures].map(([prompt, images]) => [prompt, images.slice(0, fewPictures)]));
}
