import {
  checkInductionHeads,
  Decoder,
  InputError,
  loadDecoder,
  readDecoderConfig,
  readModelFolder,
  startInductionHeads,
  type DataLoader,
} from "seedbed";

import { prunedModel, prunedSizes, type PrunedModel } from "./pruning.ts";
import type { NanoTrainingSettings } from "./settings.ts";
import type { ModelSizes } from "./settings/model.ts";

/** Longest text that a model from nothing is meant for. */
export const longest = 1024;

/** The model that training begins with, and transformers' settings of it. */
export interface StartingModel {
  readonly model: Decoder;
  readonly config: object;
  /** What was cut off, for the run's record. */
  readonly pruned?: Omit<PrunedModel, "model" | "config">;
}

/** @param loader of training's batches, for what is measured before parts are cut off */
export async function startingModel(
  { model: { folder, ...sizes }, pruning, data: { vocabularySize } }: NanoTrainingSettings,
  seed: number,
  loader: DataLoader,
): Promise<StartingModel> {
  if (folder === null) {
    const config = configOf(sizes, vocabularySize);
    const model = new Decoder(config, { seed, zeroResiduals: sizes.inductionHeads });
    if (sizes.inductionHeads) startInductionHeads(model, seed);
    return { model, config };
  }
  const smaller = prunedSizes(pruning);
  if (!smaller) return { model: loadDecoder(folder), config: readModelFolder(folder).config };
  const { batches } = pruning;
  const { model, config, ...pruned } = await prunedModel(folder, smaller, { loader, batches });
  return { model, config, pruned };
}

/** @throws {InputError | RangeError} when there can be no model of this form */
export function checkNewModel(sizes: ModelSizes, vocabularySize: number): void {
  const config = readDecoderConfig(configOf(sizes, vocabularySize));
  if (!sizes.inductionHeads) return;
  try {
    checkInductionHeads(config);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${problem}; change model, or set model.inductionHeads false`, { cause });
  }
}

/** transformers' settings of a model with these sizes. */
export function configOf(sizes: ModelSizes, vocabularySize: number): Record<string, unknown> {
  return {
    // Of Llama's form, with biases of queries, keys and values.
    ...(sizes.inductionHeads
      ? { architectures: ["Qwen2ForCausalLM"], model_type: "qwen2" }
      : { architectures: ["LlamaForCausalLM"], model_type: "llama" }),
    vocab_size: vocabularySize,
    hidden_size: sizes.features,
    intermediate_size: sizes.feedForward,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyValueHeads,
    max_position_embeddings: longest,
    rms_norm_eps: 1e-5,
    rope_theta: sizes.ropeTheta,
    tie_word_embeddings: true,
    hidden_act: "silu",
  };
}
