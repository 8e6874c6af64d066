import { existsSync, statSync } from "node:fs";
import path from "node:path";

import {
  findReferenced,
  hashArtifact,
  InputError,
  isQuantizedFolder,
  parseRunReference,
  quantizedEngineOptions,
  readDecoderConfig,
  readModelFolder,
  readQuantizedFolder,
  readRun,
  type DecodeEngineOptions,
} from "seedbed";

/** The links of the chain, in order, and where each is when nobody says otherwise. */
export const links = {
  full: "run:teacher",
  distilled: "run:distilled",
  pruned: "run:pruned",
  int8: "run:quantized/int8",
  int4: "run:quantized/int4",
} as const;
export type Link = keyof typeof links;

/** A model of the chain, as it lies in its folder. */
export interface ChainModel {
  readonly name: string;
  readonly folder: string;
  /** Id of the run that made it; undefined for other folders. */
  readonly run: string | undefined;
  /** Of the folder's content. */
  readonly sha256: string;
  readonly parameters: number;
  /** Of the files with weights. */
  readonly bytes: number;
  readonly engine: DecodeEngineOptions;
}

/**
 * Opens a model with weights in float32, or in codes.
 *
 * @param place a folder, or `run:NAME` with a path
 * @param runs folder of all runs
 * @throws {InputError} when there is none
 */
export function openChainModel(name: string, place: string, runs: string): ChainModel {
  const folder = folderOf(name, place, runs);
  const content = hashArtifact(folder);
  const run = runAbove(folder);
  const shared = { name, folder, run: run?.manifest.id, sha256: content?.sha256 ?? "" };
  if (isQuantizedFolder(folder)) {
    const model = readQuantizedFolder(folder);
    const { quantized, floats } = model;
    const tables =
      quantized.has("model.embed_tokens.weight") || floats.has("model.embed_tokens.weight");
    const isTied = readDecoderConfig(model.config).tie_word_embeddings;
    const matrices = [...quantized].filter(
      ([key]) => !(tables && isTied && key === "lm_head.weight"),
    );
    const coded = matrices.map(([, each]) =>
      "blockSize" in each ? [each.rows, each.columns] : [each.outputs, each.inputs],
    );
    return {
      ...shared,
      parameters: countOf([...coded, ...[...floats.values()].map(({ shape }) => shape)]),
      bytes: statSync(path.join(folder, "quantized.safetensors")).size,
      engine: quantizedEngineOptions(model),
    };
  }
  const { config: given, tensors, weightsFile } = readModelFolder(folder);
  const config = readDecoderConfig(given);
  return {
    ...shared,
    parameters: countOf([...tensors.values()].map(({ shape }) => shape)),
    bytes: statSync(weightsFile).size,
    engine: { config, weights: tensors },
  };
}

const countOf = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);

function folderOf(name: string, place: string, runs: string): string {
  const reference = parseRunReference(place);
  const folder = reference ? findReferenced(runs, reference) : path.resolve(place);
  if (folder !== undefined && existsSync(folder)) return folder;
  const expected = reference ? `a finished run of that name below ${runs}` : "a model's folder";
  throw new InputError(
    `Cannot report on the ${name} model ${place}: expected ${expected}, got none; run configs/nano/*.yaml first, or name another one with --${name}`,
  );
}

/** The run in whose folder a model lies. */
function runAbove(folder: string): ReturnType<typeof readRun> | undefined {
  try {
    return readRun(path.dirname(folder));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Settings of the data that a model's run was given; none are known of other folders. */
export function dataSettingsOf({ folder }: ChainModel): Readonly<Record<string, unknown>> {
  const data = runAbove(folder)?.spec["data"];
  return { ...(typeof data === "object" && data !== null ? data : {}) };
}
