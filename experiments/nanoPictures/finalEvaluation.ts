import {
  encodePng,
  imageGrid,
  rgbImage,
  writeFileAtomic,
  type ExperimentContext,
  type Idefics3,
} from "seedbed";

import type { NanoData } from "../nano/data/buildNanoData.ts";
import { chooseItems } from "../nano/evaluation/chooseItems.ts";
import {
  evaluatedRows,
  evaluateModel,
  evaluationMetrics,
} from "../nano/evaluation/evaluateModel.ts";
import { pictureKinds, pictureSize } from "../nano/pictures/picture.ts";
import { plainAnswer } from "../nano/scores/exactMatch.ts";
import { encoderSight, pictureEngine } from "../nano/vision/pictureAnswers.ts";
import { pictureScores, type NamedPicture } from "../nano/vision/pictureScores.ts";
import { ofKinds } from "./loaders.ts";
import type { PictureTrainingSettings } from "./settings.ts";

/**
 * Which pictures of the validation a trained model names, by kind and in `pictures.png`, and what it
 * is worth without pictures.
 */
export async function finalEvaluation(
  context: Pick<ExperimentContext, "run" | "print" | "signal">,
  settings: PictureTrainingSettings,
  data: NanoData,
  model: Idefics3,
): Promise<Record<string, number>> {
  const { run: record, print, signal } = context;
  const { length, pictures } = settings.sampling;
  const engine = pictureEngine(model, evaluatedRows);
  try {
    const asked = {
      sight: encoderSight(model.pictures),
      engine,
      tokenizer: data.tokenizer,
      length,
      signal,
    };
    const asking = ofKinds(data.pictures.validation, settings.data.kinds);
    const { all, kinds, named } = await pictureScores(asking, asked);
    const shares = Object.entries(kinds).map(([kind, share]) => [`named/${kind}`, share] as const);
    const scores = { named: all, ...Object.fromEntries(shares) };
    writeFileAtomic(record.path("pictures.png"), await answerGrid(named, pictures));
    const { limit, documents } = settings.evaluation;
    if (limit === 0) return scores;
    const evaluation = await evaluateModel({
      ...{ engine, data, limit, documents, print, signal },
      length: settings.data.dialogues.length,
    });
    return { ...scores, ...evaluationMetrics(evaluation, "test") };
  } finally {
    await engine.dispose();
  }
}

/** Some pictures of each kind, a row each, with what was said; where that is wrong, what is right. */
async function answerGrid(named: readonly NamedPicture[], count: number): Promise<Uint8Array> {
  const byKind = pictureKinds.map((kind) =>
    chooseItems(
      [...named.entries()].filter(([, { picture }]) => picture.kind === kind),
      count,
      ([i]) => String(i),
    ).map(([, each]) => each),
  );
  const shown = byKind.filter((row) => row.length > 0);
  const grid = imageGrid(
    shown.map((row) => row.map(({ picture }) => rgbImage(pictureSize, pictureSize, picture.rgb))),
    { captions: shown.map((row) => row.map(captionOf)), upscale: 2 },
  );
  return encodePng(grid);
}

function captionOf({ picture, said, isRight }: NamedPicture): string {
  const right = plainAnswer(picture.questions[0]!.answer);
  return isRight ? right : `${plainAnswer(said)} (not: ${right})`;
}
