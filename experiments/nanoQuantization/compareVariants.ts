import { statSync } from "node:fs";
import path from "node:path";

import {
  DecodeEngine,
  quantizeDecoder,
  quantizedEngineOptions,
  quantizedFiles,
  readDecoderConfig,
  writeQuantizedFolder,
  readQuantizedPictures,
  type DecodeEngineOptions,
  type QuantizedPictures,
} from "seedbed";

import type { NanoData } from "../nano/data/buildNanoData.ts";
import { evaluatedRows } from "../nano/evaluation/evaluateModel.ts";
import { perplexityOf, predictions, type Predictions } from "../nano/evaluation/perplexity.ts";
import { taskScores } from "../nano/evaluation/taskScores.ts";
import { copyTokenizer } from "../nano/modelFolders.ts";
import { namedShare } from "../nano/vision/pictureScores.ts";
import type { TextModel } from "../nano/vision/textModel.ts";
import { matrixError, type MatrixError } from "./matrixErrors.ts";
import { variants, type VariantName } from "./variants.ts";

export interface CompareOptions {
  readonly model: TextModel;
  readonly data: NanoData;
  readonly names: readonly VariantName[];
  /** Of the features that come into layers' matrices, by these' names. */
  readonly grams: ReadonlyMap<string, Float64Array>;
  /** Longest piece of a text. */
  readonly length: number;
  /** Most documents that perplexity is measured on; null: all. */
  readonly documents: number | null;
  /** Most tasks of a group; null: all, 0: none. */
  readonly limit: number | null;
  /** Where a variant's model goes. */
  readonly folderOf: (name: VariantName) => string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a model in some form is worth. */
export interface Measured {
  readonly megabytes: number;
  readonly perplexity: number;
  /** Mean over groups of tasks; undefined where none were asked for. */
  readonly score: number | undefined;
  /** Share of the validation's pictures that it names right; undefined for one that sees none. */
  readonly named: number | undefined;
}

export interface MeasuredVariant extends Measured {
  readonly name: VariantName;
  /** How much larger perplexity is than in float32, as a share. */
  readonly perplexityRise: number;
  /** Share of tokens in whose place another one is the likeliest. */
  readonly flips: number;
  readonly errors: readonly MatrixError[];
}

export interface Comparison {
  readonly float32: Measured;
  readonly variants: readonly MeasuredVariant[];
}

/** Quantizes a model in several ways, writes what comes of them, and compares them with the model. */
export async function compareVariants(options: CompareOptions): Promise<Comparison> {
  const { model, data, names, print, grams } = options;
  const { config, tensors } = model;
  print("measuring float32");
  const whole = { config: readDecoderConfig(config), weights: tensors };
  const reference = await measure(whole, model.pictures, options);
  const isCopy = (name: string): boolean =>
    whole.config.tie_word_embeddings && name === "lm_head.weight";
  const parameters = [...tensors, ...(model.pictures?.tensors ?? [])];
  const values = parameters
    .filter(([name]) => !isCopy(name))
    .reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b), 0);
  const found: MeasuredVariant[] = [];
  for (const name of names) {
    print(`measuring ${name}`);
    const { formats, method } = variants[name];
    const quantized = quantizeDecoder(model, formats, method === "gptq" ? { grams } : {});
    const folder = options.folderOf(name);
    writeQuantizedFolder(folder, quantized, model.pictures);
    copyTokenizer(data, folder);
    const pictures = readQuantizedPictures(folder);
    const coded = quantizedEngineOptions(quantized);
    const { seen, score, named } = await measure(coded, pictures, options);
    const perplexity = perplexityOf(seen);
    found.push({
      ...{ name, perplexity, score, named },
      megabytes: megabytesOf(folder),
      perplexityRise: perplexity / perplexityOf(reference.seen) - 1,
      flips: flipsOf(reference.seen, seen),
      errors: [...quantized.quantized].flatMap(([matrix, codes]) => {
        const original = tensors.get(matrix) ?? tensors.get("model.embed_tokens.weight")!;
        return [matrixError(matrix, original, codes, grams.get(matrix))];
      }),
    });
  }
  const { seen, score, named } = reference;
  const megabytes = (4 * values) / 1e6;
  const perplexity = perplexityOf(seen);
  return { float32: { megabytes, perplexity, score, named }, variants: found };
}

async function measure(
  engineOptions: DecodeEngineOptions,
  pictures: QuantizedPictures | undefined,
  { data, documents, length, limit, signal }: CompareOptions,
): Promise<{ seen: Predictions } & Pick<Measured, "score" | "named">> {
  const rows = evaluatedRows;
  const engine = new DecodeEngine({
    ...engineOptions,
    rows,
    takesEmbeddings: pictures !== undefined,
  });
  try {
    const seen = await predictions(engine, data.chat.test, { length, limit: documents, signal });
    if (limit === 0) return { seen, score: undefined, named: undefined };
    const { tokenizer, evaluation } = data;
    const { score } = await taskScores({ engine, tokenizer, evaluation, limit, signal });
    const shown = data.pictures.validation;
    const named = pictures && (await namedShare(pictures, shown, { engine, tokenizer, signal }));
    return { seen, score, named };
  } finally {
    await engine.dispose();
  }
}

function flipsOf(a: Predictions, b: Predictions): number {
  const flips = a.likeliest.filter((token, i) => token !== b.likeliest[i]).length;
  return flips / a.likeliest.length;
}

function megabytesOf(folder: string): number {
  const sizes = quantizedFiles.map(
    (file) => statSync(path.join(folder, file), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
