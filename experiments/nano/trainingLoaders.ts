import type { DataLoader, ExperimentContext } from "seedbed";

import type { NanoData } from "./data/buildNanoData.ts";
import { packedLoader, packedRows, rowLoader } from "./data/loaders.ts";
import { trainingRows, trainingTexts } from "./distillation/teaching.ts";
import type { NanoTrainingSettings } from "./settings.ts";
import { packingOf } from "./settings/data.ts";

/** Some batches of validation are of all sources, and the same in every run. */
const validationSeed = 0;

/** Batches of packed rows that nano learns from, and those that it is validated on. */
export async function trainingLoaders(
  settings: Pick<NanoTrainingSettings, "data" | "distillation">,
  data: NanoData,
  context: Pick<ExperimentContext, "spec" | "print" | "signal" | "compile">,
): Promise<{ trainLoader: DataLoader; valLoader: DataLoader }> {
  const { set, batchSize } = settings.data;
  const texts = await trainingTexts(settings, data, context);
  const packed = packingOf(settings.data);
  const rows = packedRows(texts, data.tokenizer, packed);
  const taught = await trainingRows(rows, texts, settings, context);
  return {
    trainLoader: rowLoader(taught, { batchSize, seed: context.spec.seed }),
    valLoader: packedLoader(data[set].validation, data.tokenizer, {
      ...packed,
      batchSize,
      seed: validationSeed,
    }),
  };
}
