import { existsSync } from "node:fs";
import path from "node:path";

import {
  fetchModel,
  findExportSource,
  hashFiles,
  InputError,
  listCheckpoints,
  openCheckpointTensors,
  readCheckpointContent,
  type EvaluatedRun,
  type EvaluateOptions,
  type ExportSource,
  type WhichWeights,
} from "seedbed";

import { modelHash } from "../modelHash.ts";
import { settingsOf } from "../settings.ts";
import { adapterFiles } from "../trains/adaptedPipeline.ts";

/** Weights that draw pictures. */
export interface ModelWeights {
  readonly source: ExportSource;
  readonly which?: WhichWeights | undefined;
  /** Files of what was trained beside the source's own weights. */
  readonly lora?: string;
  readonly tokens?: string;
  /** Of all that decides a pixel. */
  readonly hash: string;
  /** What the model of a run is called in its folder. */
  readonly name?: string;
  /** Steps that it was trained for, and the numbers that were trained, where that is known. */
  readonly steps?: number;
  readonly trainable?: number;
}

/** Folder of the pipeline that a run leaves at its end. */
const exported = "model";

/**
 * The model that runs began with.
 *
 * @param folder as the spec has it
 */
export async function baseWeights(
  folder: string,
  print: (line: string) => void,
): Promise<ModelWeights> {
  const model = await fetchModel(folder, { print });
  return { source: { model }, hash: modelHash(model) };
}

/**
 * The model of a run that is to be evaluated.
 *
 * @throws {InputError} when the run has kept no such weights
 */
export async function runWeights(
  run: EvaluatedRun,
  base: ModelWeights,
  { checkpoint, weights: which }: EvaluateOptions,
): Promise<ModelWeights> {
  const { folder } = run.stored;
  const pipeline = path.join(folder, exported);
  const hasPipeline = existsSync(path.join(pipeline, "model_index.json"));
  const hasCheckpoint = listCheckpoints(path.join(folder, "checkpoints")).length > 0;
  if (checkpoint === exported || (checkpoint === undefined && !hasCheckpoint && hasPipeline)) {
    const weights = pipelineWeights(pipeline, hasPipeline, which);
    return withAdapters(weights, pipeline, run);
  }
  if (!hasCheckpoint) {
    throw new InputError(
      `Cannot evaluate ${folder}: it has saved no checkpoint yet; continue it: seedbed resume ${folder}`,
    );
  }
  const source = await findExportSource(folder, { runsFolder: folder, checkpoint });
  return checkpointWeights({ ...source, checkpoint: source.checkpoint! }, base, which);
}

function pipelineWeights(
  model: string,
  exists: boolean,
  which: WhichWeights | undefined,
): ModelWeights {
  if (!exists) {
    throw new InputError(`Cannot evaluate ${model}: the run has not come to write it`);
  }
  if (which !== undefined) {
    throw new InputError(
      `Cannot evaluate ${which} weights of ${model}: a pipeline has one set of weights; leave --weights out`,
    );
  }
  return { source: { model }, hash: modelHash(model), name: exported };
}

/** A pipeline does not hold what its run has trained beside it: that is in files next to it. */
function withAdapters(
  weights: ModelWeights,
  pipeline: string,
  { spec, stored: { folder } }: EvaluatedRun,
): ModelWeights {
  const { lora, inversion } = settingsOf(spec).model;
  const adapters = {
    ...(lora && { lora: path.join(folder, adapterFiles.lora) }),
    ...(inversion && { tokens: path.join(folder, adapterFiles.tokens) }),
  };
  const files = Object.values(adapters);
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new InputError(
      `Cannot evaluate ${pipeline}: expected what was trained beside it in ${missing}, got no such file; continue the run: seedbed resume ${folder}`,
    );
  }
  if (files.length === 0) return weights;
  return { ...weights, ...adapters, hash: [weights.hash, hashFiles(files)].join() };
}

function checkpointWeights(
  source: ExportSource & { readonly checkpoint: string },
  base: ModelWeights,
  which: WhichWeights | undefined,
): ModelWeights {
  const { files, progress } = readCheckpointContent(source.checkpoint);
  const contents = which === "raw" ? ["parameters"] : ["parameters", "callbacks"];
  const hashes = contents.flatMap((name) =>
    Object.entries(files)
      .filter(([file]) => /^[a-z]+/i.exec(file)?.[0] === name)
      .map(([, { sha256 }]) => sha256),
  );
  return {
    source,
    which,
    hash: [base.hash, ...hashes, which ?? "", source.loraAlpha ?? ""].join(),
    name: path.basename(source.checkpoint),
    steps: progress.step,
    trainable: countNumbers(source.checkpoint),
  };
}

function countNumbers(checkpoint: string): number {
  return [...openCheckpointTensors(checkpoint, "parameters").values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
}
