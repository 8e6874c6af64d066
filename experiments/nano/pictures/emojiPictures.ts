import {
  loadEmojiData,
  renderValidation,
  renderVariant,
  type Drawing,
  type EmojiData,
} from "../../textToImage/dataset.ts";
import { placeOf, type Split } from "../data/split.ts";
import { type Picture, pictureSize, type PictureQuestion } from "./picture.ts";

export interface EmojiPictureOptions {
  seed: number;
  /** Of each drawing that is trained on: moved, and on several backgrounds. */
  variants: number;
  /** Share of the concepts. */
  share?: number;
  data?: EmojiData;
}

/**
 * Emoji with their names: animals, fruit, vegetables, vehicles and clocks. Training sees each concept
 * in some hands' drawings; validation and test ask for it in another's.
 */
export async function emojiPictures({
  seed,
  variants,
  share = 1,
  data,
}: EmojiPictureOptions): Promise<Picture[]> {
  const drawings =
    data ?? (await loadEmojiData({ size: pictureSize, seed, validationFraction: 0.1 }));
  const options = { data: drawings, size: pictureSize, seed };
  const kept = (drawing: number): boolean =>
    placeOf(`emoji/${drawings.drawings[drawing]!.codepoint}`) < share;
  const picture = (
    drawing: number,
    split: Split,
    rendered: ReturnType<typeof renderVariant>,
  ): Picture => ({
    kind: "emoji",
    split,
    rgb: rendered.rgb.data,
    questions: questionsFor(drawings.drawings[drawing]!, rendered.attributes.background),
  });
  const train = drawings.train
    .filter(kept)
    .flatMap((drawing) =>
      Array.from({ length: variants }, (_, variant) =>
        picture(drawing, "train", renderVariant(options, drawing, variant)),
      ),
    );
  const others = drawings.validation.filter(kept).map((drawing) => {
    const { codepoint, style } = drawings.drawings[drawing]!;
    const split = placeOf(`emoji/${codepoint}/${style}`) < 0.5 ? "validation" : "test";
    return picture(drawing, split, renderValidation(options, drawing));
  });
  return [...train, ...others];
}

function questionsFor({ name, noun }: Drawing, colour: string): PictureQuestion[] {
  const background = colour === "gray" ? "grey" : colour; // spelt as all other texts
  const named = withArticle(name);
  return [
    { question: "What is in the picture?", answer: `${named}.` },
    {
      question: "Describe the picture.",
      answer: `${named} on a ${background} background.`.replace("a orange", "an orange"),
    },
    {
      question: "What colour is the background?",
      answer: `${background[0]!.toUpperCase()}${background.slice(1)}.`,
    },
    ...(noun === undefined
      ? []
      : [{ question: "What kind of thing is in the picture?", answer: `${withArticle(noun)}.` }]),
  ];
}

function withArticle(noun: string): string {
  return `${/^[aeio]|^um/.test(noun) ? "An" : "A"} ${noun}`;
}
