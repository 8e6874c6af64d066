import path from "node:path";

import { readLearnedEmbeddings, type LearnedEmbeddings } from "../adapters/learnedEmbeddings.ts";
import { mergeLoras, readLoras } from "../adapters/mergeLoras.ts";
import type { ScaledLora } from "../adapters/parseLora.ts";
import { InputError } from "../base/errors.ts";
import { retrainedScheduler, type Retraining } from "../diffusion/schedulerConfig.ts";
import { isSingleFile, loadPipeline } from "../pipelines/loadPipeline.ts";
import { disposePipeline, type PipelineComponents } from "../pipelines/pipelineComponents.ts";
import type { ExportSource } from "./exportSource.ts";
import { mergeLearnedTokens } from "./mergeLearnedTokens.ts";
import { restorePipeline, type WhichWeights } from "./restorePipeline.ts";

export interface LoadForExportOptions {
  /** Default: a run's average where there is one; otherwise the weights of the last step. */
  weights?: WhichWeights | undefined;
  /** Added to the weights. */
  loras?: readonly ScaledLora[];
  /** A file of learned tokens that come into the vocabulary. */
  embeddings?: string | undefined;
  /** For a single file: the folder with its tokenizer and settings. */
  settings?: string | undefined;
  /** Which of a folder's published weights, such as `fp16`. */
  variant?: string | undefined;
  /** Leave a run's learned tokens out. */
  withoutTokens?: boolean | undefined;
}

export interface LoadedForExport {
  /** The caller disposes. */
  readonly components: PipelineComponents;
  /** Which weights these are, where there is a choice. */
  readonly weights: WhichWeights | undefined;
}

/**
 * Loads a pipeline as it is to be exported, in float32.
 *
 * @throws {InputError} naming what is missing, corrupt or does not fit
 */
export function loadForExport(
  { model, checkpoint, loraAlpha, retraining }: ExportSource,
  { weights, loras = [], embeddings, settings, variant, withoutTokens }: LoadForExportOptions = {},
): LoadedForExport {
  const isFile = isSingleFile(model);
  if (weights !== undefined && !isFile && checkpoint === undefined) {
    throw new InputError(
      `Cannot export ${weights} weights of ${model}: a pipeline folder has one set of weights; leave --weights out`,
    );
  }
  const changes = readLoras(loras); // before weights are
  const tokens = embeddings === undefined ? undefined : readLearnedEmbeddings(embeddings);
  const ofFile = checkpoint === undefined ? weights : undefined;
  const loaded = loadPipeline(model, {
    variant,
    settings,
    ...(ofFile && { weights: ofFile }),
  });
  const kept = { components: loaded, weights: ofFile };
  try {
    const restored =
      checkpoint === undefined
        ? kept
        : restorePipeline(loaded, checkpoint, { weights, loraAlpha, withoutTokens });
    const { unet, textEncoder } = restored.components;
    mergeLoras({ unet: unet.model, text_encoder: textEncoder.model }, changes);
    const whole = retraining === undefined ? restored : retrained(restored, retraining);
    return tokens === undefined ? whole : withTokens(whole, tokens, embeddings!);
  } catch (cause) {
    disposePipeline(loaded);
    throw cause;
  }
}

function withTokens(
  { components, weights }: LoadedForExport,
  tokens: LearnedEmbeddings,
  file: string,
): LoadedForExport {
  try {
    return { components: mergeLearnedTokens(components, tokens), weights };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`Cannot use learned tokens ${path.basename(file)}: ${cause.message}`, {
      cause,
    });
  }
}

function retrained(
  { components, weights }: LoadedForExport,
  retraining: Retraining,
): LoadedForExport {
  const scheduler = retrainedScheduler(components.scheduler, retraining);
  return { components: { ...components, scheduler }, weights };
}
