import { combineLoaders, createLoader, InputError, shuffledOrder, type DataLoader } from "seedbed";

import type { NanoData } from "../nano/data/buildNanoData.ts";
import { packedLoader } from "../nano/data/loaders.ts";
import { mixedTraining, type MixedData } from "../nano/data/mixture.ts";
import type { Picture, PictureKind } from "../nano/pictures/picture.ts";
import { pictureDataset } from "../nano/vision/pictureDataset.ts";
import { pictureText } from "../nano/vision/pictureText.ts";
import { dialogueEntries, pictureEntries } from "./picturesModule.ts";
import type { DataSettings } from "./settings/data.ts";

/**
 * Batches of training, in which dialogues are beside pictures where they have a share, and those of
 * validation: pictures, then dialogues.
 */
export function pictureLoaders(
  { kinds, length, batchSize, dialogues, seed: dataSeed }: DataSettings,
  data: Pick<NanoData, "pictures" | "tokenizer"> & MixedData,
  { imageTokens, seed }: { imageTokens: number; seed: number },
): { trainLoader: DataLoader; valLoader: DataLoader[] } {
  const { pictures, chat, tokenizer } = data;
  const used = ofKinds([...pictures.train, ...pictures.validation], kinds);
  checkLength(used, tokenizer, { length, imageTokens });
  const trained = pictureDataset(ofKinds(pictures.train, kinds), tokenizer, {
    length,
    imageTokens,
  });
  const order = shuffledOrder(trained.length, seed);
  const learnt = createLoader({ dataset: trained, batchSize, seed, order });
  const asked = { length, imageTokens, questions: "first" } as const;
  const dataset = pictureDataset(ofKinds(pictures.validation, kinds), tokenizer, asked);
  const named = createLoader({ dataset, batchSize, seed: 0, dropLast: false });
  const rows = { length: dialogues.length, batchSize: dialogues.batchSize };
  if (dialogues.share === 0) {
    return { trainLoader: combineLoaders({ [pictureEntries]: learnt }), valLoader: [named] };
  }
  const mixed = mixedTraining(data, "chat", dialogues.mixture, dataSeed);
  const talks = packedLoader(mixed, tokenizer, { ...rows, seed });
  return {
    trainLoader: combineLoaders({ [pictureEntries]: learnt, [dialogueEntries]: talks }),
    valLoader: [named, packedLoader(chat.validation, tokenizer, { ...rows, seed: 0 })],
  };
}

/** @throws {InputError} when a question with its picture and answer has more tokens than a row */
function checkLength(
  pictures: readonly Picture[],
  tokenizer: NanoData["tokenizer"],
  { length, imageTokens }: { length: number; imageTokens: number },
): void {
  const texts = pictures.flatMap(({ questions }) =>
    questions.map(({ question, answer }) => pictureText(question, imageTokens, answer)),
  );
  const lengths = [...new Set(texts)].map((text) => tokenizer.textIds(text).length);
  const longest = lengths.reduce((most, each) => Math.max(most, each), 0);
  if (longest <= length) return;
  throw new InputError(
    `Cannot train with pictures: expected data.length to be at least ${longest}, which the longest question has with its answer, got ${length}`,
  );
}

/** @throws {InputError} when there is none */
export function ofKinds(
  pictures: readonly Picture[],
  kinds: readonly PictureKind[],
): readonly Picture[] {
  const wanted = pictures.filter(({ kind }) => kinds.includes(kind));
  if (wanted.length > 0) return wanted;
  throw new InputError(
    `Cannot train with pictures: there are none of the kinds ${kinds.join(", ")}; give data.sources that have them`,
  );
}
