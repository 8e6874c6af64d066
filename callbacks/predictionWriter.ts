import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import {
  concatBatches,
  describeShape,
  hostTensor,
  readOptions,
  writeFileAtomic,
  writeSafetensors,
  type Callback,
  type HostBatch,
  type OptionsSchema,
  type Prediction,
} from "seedbed";

export interface PredictionWriterOptions {
  folder: string;
  writeInterval: "batch" | "epoch";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["folder"],
  properties: {
    folder: {
      type: "string",
      minLength: 1,
      description: "Where predictions go; must be empty or not there.",
    },
    writeInterval: {
      enum: ["batch", "epoch"],
      default: "batch",
      description: "A file for each batch, or one for each loader, which is in memory until then.",
    },
  },
};

/** What `predictions.json` says of a loader. */
interface LoaderSummary {
  batches: number;
  examples: number;
}

/**
 * Writes what `Trainer.predict` predicts: safetensors files with the predictions by name and, as
 * `positions`, where in the loader's order each example stands, from 0. They are
 * `loader-0/batch-000000.safetensors` and so on, or `loader-0.safetensors`. Each file is written
 * whole or not at all; `predictions.json`, which counts batches and examples, is the last, so a
 * folder that has it is complete. With `returnPredictions: false` and an interval of batches no
 * more than one batch's predictions are kept.
 */
export function predictionWriter(options: Partial<PredictionWriterOptions>): Callback {
  const { folder, writeInterval } = readOptions<PredictionWriterOptions>(
    "predictionWriter",
    optionsSchema,
    options,
  );
  let loaders: LoaderSummary[] = [];
  /** Of the loader that is being walked. */
  let kept: HostBatch[] = [];

  function write(name: string, tensors: HostBatch): void {
    writeSafetensors(path.join(folder, `${name}.safetensors`), Object.entries(tensors));
  }

  function finishLoader(): void {
    if (kept.length > 0) write(`loader-${loaders.length - 1}`, concatBatches(kept));
    kept = [];
  }

  /** @returns counts so far; a loader before it without batches has none */
  function enterLoader(index: number): LoaderSummary {
    if (index >= loaders.length) finishLoader();
    while (index >= loaders.length) loaders.push({ batches: 0, examples: 0 });
    return loaders[index]!;
  }

  return {
    name: "predictionWriter",
    onPredictStart({ globalRank }) {
      if (globalRank > 0) return; // all workers predict everything, rank 0 writes it
      [loaders, kept] = [[], []];
      const files = existsSync(folder) ? readdirSync(folder).length : 0;
      if (files === 0) return;
      throw new Error(
        `Cannot write predictions to ${folder}: expected no files there, got ${files}; give another folder`,
      );
    },
    onPredictBatchEnd({ globalRank, batchSize, batchIndex }, { loaderIndex, predictions }) {
      if (globalRank > 0) return;
      const loader = enterLoader(loaderIndex);
      const tensors = withPositions(predictions, loader.examples, batchSize);
      loader.batches++;
      loader.examples += batchSize;
      if (writeInterval === "epoch") return void kept.push(tensors);
      write(`loader-${loaderIndex}/batch-${String(batchIndex).padStart(6, "0")}`, tensors);
    },
    onPredictEpochEnd({ globalRank }) {
      if (globalRank > 0) return;
      finishLoader();
      const json = JSON.stringify({ loaders }, null, 2);
      writeFileAtomic(path.join(folder, "predictions.json"), `${json}\n`);
    },
  };
}

/** @param first position of the batch's first example */
function withPositions(predictions: Prediction, first: number, batchSize: number): HostBatch {
  for (const [name, { shape }] of Object.entries(predictions)) {
    if (name === "positions") {
      throw new RangeError(`Cannot write predictions: "${name}" is the writer's own name`);
    }
    if (shape[0] === batchSize) continue;
    throw new RangeError(
      `Cannot write prediction "${name}": expected ${batchSize} examples along its first axis, got shape ${describeShape(shape)}`,
    );
  }
  const positions = Int32Array.from({ length: batchSize }, (_, i) => first + i);
  return { ...predictions, positions: hostTensor(positions, [batchSize]) };
}
