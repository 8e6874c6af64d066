import { readFileSync } from "node:fs";
import path from "node:path";

import {
  keepVocabulary,
  trimTokenizer,
  writeFileAtomic,
  type DecoderWeights,
  type TokenDocuments,
} from "seedbed";

export interface TrimmedModel {
  readonly weights: DecoderWeights;
  /** Ids that stay, in growing order. */
  readonly kept: readonly number[];
  readonly parameters: number;
  readonly parametersBefore: number;
  /** Writes the tokenizer's files into a folder. */
  writeTokenizer(folder: string): void;
}

/** A tokenizer's folder and texts that it has encoded. */
export type EncodedTexts = Readonly<
  Record<"prose" | "chat", { readonly train: TokenDocuments }> & { readonly folder: string }
>;

/**
 * A model and its tokenizer with the entries alone that training's texts use most.
 *
 * @throws {RangeError} when letters and added tokens are more than `size`
 */
export function trimVocabulary(
  weights: DecoderWeights,
  data: EncodedTexts,
  set: "prose" | "chat",
  size: number,
): TrimmedModel {
  const read = (name: string): string =>
    readFileSync(path.join(data.folder, "tokenizer", name), "utf8");
  const whole: object = JSON.parse(read("tokenizer.json"));
  const { tokenizer, kept } = trimTokenizer(whole, countIds(data[set].train), size);
  const trimmed = keepVocabulary(weights, kept);
  return {
    ...{ weights: trimmed, kept },
    parameters: parametersOf(trimmed),
    parametersBefore: parametersOf(weights),
    writeTokenizer(folder) {
      const text = `${JSON.stringify(tokenizer, undefined, 1)}\n`;
      writeFileAtomic(path.join(folder, "tokenizer.json"), text);
      const config = "tokenizer_config.json";
      writeFileAtomic(path.join(folder, config), read(config));
    },
  };
}

function countIds({ ids }: TokenDocuments): Uint32Array {
  const counts = new Uint32Array(65_536);
  for (const id of ids) counts[id]!++;
  return counts;
}

const parametersOf = ({ tensors }: DecoderWeights): number =>
  [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
