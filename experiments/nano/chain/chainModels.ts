import { existsSync, statSync } from "node:fs";
import path from "node:path";

import {
  findReferenced,
  hashArtifact,
  InputError,
  isQuantizedFolder,
  parseRunReference,
  quantizedEngineOptions,
  quantizedWeightsFiles,
  readDecoderConfig,
  readModelFolder,
  readQuantizedFolder,
  readQuantizedPictures,
  readRun,
  type DecodeEngineOptions,
  type HostTensor,
  type QuantizedDecoder,
  type QuantizedPictures,
} from "seedbed";

import { readTextModel } from "../vision/textModel.ts";

/** The links of the chain, in order, and where each is when nobody says otherwise. */
export const links = {
  full: "run:teacher",
  distilled: "run:distilled",
  pruned: "run:pruned",
  seeing: "run:pictures",
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
  /** What looks at pictures for it, if it sees them. */
  readonly pictures?: QuantizedPictures;
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
    const pictures = readQuantizedPictures(folder);
    const shapes = [...codedShapes(model), ...shapesOf(model.floats)];
    return {
      ...shared,
      parameters: countOf([...shapes, ...shapesOf(pictures?.tensors)]),
      bytes: sizeOf(...quantizedWeightsFiles.map((name) => path.join(folder, name))),
      engine: quantizedEngineOptions(model),
      ...(pictures && { pictures }),
    };
  }
  const { config: given, tensors, pictures } = readTextModel(folder);
  const { weightsFile, tensors: all } = readModelFolder(folder);
  return {
    ...shared,
    parameters: countOf(shapesOf(all)),
    bytes: sizeOf(weightsFile),
    engine: { config: readDecoderConfig(given), weights: tensors },
    ...(pictures && { pictures }),
  };
}

type Shape = readonly number[];

const shapesOf = (tensors: ReadonlyMap<string, HostTensor> = new Map()): Shape[] =>
  Array.from(tensors.values(), ({ shape }) => shape);

/** Of matrices in codes; a tied head's own codes are of the table's parameters. */
function codedShapes({ config, quantized, floats }: QuantizedDecoder): Shape[] {
  const [table, head] = ["model.embed_tokens.weight", "lm_head.weight"];
  const hasTable = quantized.has(table) || floats.has(table);
  const isCopied = hasTable && readDecoderConfig(config).tie_word_embeddings;
  return [...quantized]
    .filter(([name]) => !(isCopied && name === head))
    .map(([, each]) =>
      "blockSize" in each ? [each.rows, each.columns] : [each.outputs, each.inputs],
    );
}

const sizeOf = (...files: string[]): number =>
  files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);

const countOf = (shapes: readonly Shape[]): number =>
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
