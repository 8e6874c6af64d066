import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { mergeLora } from "../adapters/loraMerge.ts";
import { InputError } from "../base/errors.ts";
import type { PipelineComponents } from "../pipelines/pipelineComponents.ts";
import { readCheckpointContent } from "../training/checkpoint.ts";
import type { CheckpointContent } from "../training/checkpointContent.ts";
import { restoreParameters } from "../training/restoreParameters.ts";
import { readSafetensorsHeader } from "../weights/safetensors.ts";
import { mergeLearnedTokens } from "./mergeLearnedTokens.ts";
import {
  checkpointVariables,
  isAdapterName,
  readAdapterVariables,
  type StoredAdapters,
} from "./storedAdapters.ts";

/** Which of a model's weights: those of the last step, or their average. */
export type WhichWeights = "raw" | "ema";

/** State keys of the callbacks that average weights, and what says that they have begun to. */
const averagers: Readonly<Record<string, string>> = {
  weightAveraging: "started",
  stochasticWeightAveraging: "averaged",
};

export interface RestoreOptions {
  /** Default: the average where there is one. */
  weights?: WhichWeights | undefined;
  /** Of the checkpoint's LoRA. Default: its rank. */
  loraAlpha?: number | undefined;
  /** Leave learned tokens out of the vocabulary. */
  withoutTokens?: boolean | undefined;
}

/** A pipeline as a run has trained it. */
export interface RestoredPipeline {
  readonly components: PipelineComponents;
  /** Which weights were taken. */
  readonly weights: WhichWeights;
}

/**
 * A pipeline with the weights of a run's checkpoint; what the run did not train stays. LoRA is
 * added to the weights that it changes, and learned tokens come into the vocabulary.
 *
 * @param components whose weights change; a text encoder that gets tokens is disposed of
 * @throws {InputError} when the checkpoint is damaged, is not of such a pipeline, or has no average
 */
export function restorePipeline(
  components: PipelineComponents,
  checkpoint: string,
  { weights, loraAlpha, withoutTokens = false }: RestoreOptions = {},
): RestoredPipeline {
  const own = trained(components, checkpoint);
  const { adapters, taken } = restoreCheckpoint(checkpoint, own, { weights, loraAlpha });
  const { unet, textEncoder } = components;
  const models = { unet: unet.model, text_encoder: textEncoder.model };
  const merged = fitting(checkpoint, () => {
    const merge = mergeLora(models);
    if (adapters.lora.size > 0) merge.merge(adapters.lora);
    merge.dispose();
    return withoutTokens || adapters.tokens.size === 0
      ? components
      : mergeLearnedTokens(components, adapters.tokens);
  });
  return { components: merged, weights: taken };
}

/**
 * What a checkpoint has beside a pipeline's own weights.
 *
 * @throws {InputError} when the checkpoint is damaged, or has no such average
 */
export function restoreAdapters(
  checkpoint: string,
  options: RestoreOptions = {},
): { adapters: StoredAdapters; taken: WhichWeights } {
  const others = checkpointVariables(checkpoint, (name) => !isAdapterName(name));
  try {
    return restoreCheckpoint(checkpoint, others, options);
  } finally {
    tf.dispose([...others.values()]);
  }
}

/** Sets `own` to what the checkpoint has for them, and reads the rest of it. */
function restoreCheckpoint(
  checkpoint: string,
  own: ReadonlyMap<string, tf.Variable>,
  { weights, loraAlpha }: RestoreOptions,
): { adapters: StoredAdapters; taken: WhichWeights } {
  const averagedBy = chosenAverage(checkpoint, weights);
  const variables = checkpointVariables(checkpoint, isAdapterName);
  const parameters = new Map([...own, ...variables]);
  try {
    restoreParameters({ trainableParameters: () => parameters }, checkpoint, averagedBy);
    const adapters = readAdapterVariables(variables, loraAlpha);
    return { adapters, taken: averagedBy === undefined ? "raw" : "ema" };
  } finally {
    tf.dispose([...variables.values()]);
  }
}

/** State key of the callback whose average to take. */
function chosenAverage(checkpoint: string, weights: WhichWeights | undefined): string | undefined {
  const content = readCheckpointContent(checkpoint);
  if (content.weightsOnly && weights !== undefined) {
    throw new InputError(
      `Cannot export ${weights} weights of ${checkpoint}: it has those to publish alone; leave --weights out`,
    );
  }
  const averager = averagerOf(content, checkpoint);
  if (weights === "ema" && averager === undefined) {
    throw new InputError(
      `Cannot export averaged weights of ${checkpoint}: the run had no callback ${Object.keys(averagers).join(" or ")}, or it has not begun yet`,
    );
  }
  return weights === "raw" ? undefined : averager;
}

/** What does not fit is of another model. */
function fitting<Result>(checkpoint: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`Cannot export ${checkpoint}: ${cause.message}`, { cause });
  }
}

function averagerOf(content: CheckpointContent, checkpoint: string): string | undefined {
  if (content.weightsOnly) return undefined;
  const stored = [...namesIn(checkpoint, "callbacks")];
  return Object.entries(averagers).find(([key, begun]) => {
    const state = content.callbacks[key];
    return Boolean(state?.[begun]) && stored.some((name) => name.startsWith(`${key}/`));
  })?.[0];
}

function namesIn(checkpoint: string, file: "parameters" | "callbacks"): Iterable<string> {
  return readSafetensorsHeader(path.join(checkpoint, `${file}.safetensors`)).tensors.keys();
}

/** The pipeline's parameters that the checkpoint has. */
function trained(components: PipelineComponents, checkpoint: string): Map<string, tf.Variable> {
  const all = pipelineParameters(components);
  const names = [...namesIn(checkpoint, "parameters")].filter((name) => !isAdapterName(name));
  const strange = names.filter((name) => !all.has(name));
  if (strange.length === 0) return new Map(names.map((name) => [name, all.get(name)!]));
  throw new InputError(
    `Cannot export ${checkpoint}: expected parameters unet.* and text_encoder.* of a pipeline, got ${strange.slice(0, 3).join(", ")}${strange.length > 3 ? ", ..." : ""}`,
  );
}

/** All parameters of a pipeline under the names that training gives them. */
export function pipelineParameters(components: PipelineComponents): Map<string, tf.Variable> {
  const { unet, vae, textEncoder } = components;
  const parts = { unet, vae, text_encoder: textEncoder };
  return new Map(
    Object.entries(parts).flatMap(([prefix, { model }]) =>
      [...model.parameters].map(([name, variable]) => [`${prefix}.${name}`, variable] as const),
    ),
  );
}
