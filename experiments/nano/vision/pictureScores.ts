import { PictureEngine, readIdefics3Config, type QuantizedPictures } from "seedbed";

import { pictureKinds, pictureSize, type Picture, type PictureKind } from "../pictures/picture.ts";
import { exactMatch } from "../scores/exactMatch.ts";
import { meanScores } from "../scores/meanScores.ts";
import { pictureAnswers, type PictureAnswersOptions, type PictureSight } from "./pictureAnswers.ts";

export interface NamedPicture {
  readonly picture: Picture;
  readonly said: string;
  readonly isRight: boolean;
}

export interface PictureScores {
  /** Share of all pictures that are named exactly right. */
  readonly all: number;
  /** The same by kind, of those kinds that there are. */
  readonly kinds: Readonly<Partial<Record<PictureKind, number>>>;
  /** In the order of the pictures. */
  readonly named: readonly NamedPicture[];
}

/** Has a model name pictures: its answers to the first question about each are to be exactly right. */
export async function pictureScores(
  pictures: readonly Picture[],
  options: PictureAnswersOptions,
): Promise<PictureScores> {
  const asked = pictures.map((picture) => ({ picture, question: picture.questions[0]!.question }));
  const answers = await pictureAnswers(asked, options);
  const named = pictures.map((picture, i) => {
    const said = answers[i]!;
    return { picture, said, isRight: exactMatch(picture.questions[0]!.answer, said) === 1 };
  });
  const scored = named.map(({ picture, isRight }) => ({
    group: picture.kind,
    score: isRight ? 1 : 0,
  }));
  const means = meanScores(scored);
  const known = pictureKinds.filter((kind) => means.has(kind));
  return {
    all: scored.reduce((sum, { score }) => sum + score, 0) / scored.length,
    kinds: Object.fromEntries(known.map((kind) => [kind, means.get(kind)!.mean])),
    named,
  };
}

/** Share of pictures that are named right, with the part of a model's folder that looks at them. */
export async function namedShare(
  { config: whole, tensors: weights }: QuantizedPictures,
  pictures: readonly Picture[],
  options: Omit<PictureAnswersOptions, "sight">,
): Promise<number> {
  const eyes = new PictureEngine({ config: whole, weights, side: pictureSize });
  const sight: PictureSight = {
    config: readIdefics3Config(whole),
    tokensPerFrame: eyes.tokensPerFrame,
    features: (pixels) => eyes.features(pixels),
  };
  try {
    const { all } = await pictureScores(pictures, { ...options, sight });
    return all;
  } finally {
    await eyes.dispose();
  }
}
