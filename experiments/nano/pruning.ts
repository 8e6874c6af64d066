import * as tf from "@tensorflow/tfjs";
import {
  checkDecoderSizes,
  Decoder,
  decoderImportance,
  InputError,
  loadDecoder,
  loadParameters,
  ops,
  pruneDecoder,
  toTensors,
  type DataLoader,
  type DecoderInputs,
  type DecoderSizes,
  type KeptParts,
} from "seedbed";

import { readWeights } from "./modelFolders.ts";
import type { PruningSettings } from "./settings/pruning.ts";

/** What is asked for; undefined where nothing is to be cut. */
export function prunedSizes(settings: PruningSettings): DecoderSizes | undefined {
  const { layers, feedForward, keyValueHeads, features } = settings;
  const sizes = { layers, feedForward, keyValueHeads, features };
  const given = Object.entries(sizes).filter(([, size]) => size !== null);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** @throws {InputError} when there is no model to cut, or one that is smaller already */
export function checkPruning(folder: string | null, settings: PruningSettings): void {
  const sizes = prunedSizes(settings);
  if (!sizes) return;
  if (folder === null) {
    throw new InputError(
      "Cannot prune: expected a model to cut, got model.folder null; name one, such as run:distilled",
    );
  }
  try {
    checkDecoderSizes(readWeights(folder).config, sizes);
  } catch (cause) {
    throw new InputError(`${cause instanceof Error ? cause.message : String(cause)} (${folder})`, {
      cause,
    });
  }
}

/** A model that was cut, and what stayed of the whole one. */
export interface PrunedModel {
  readonly model: Decoder;
  readonly config: object;
  readonly kept: KeptParts;
  /** Influence of each layer of the whole model. */
  readonly influences: readonly number[];
}

/** The model of a folder without what matters least for the first batches of a loader. */
export async function prunedModel(
  folder: string,
  sizes: DecoderSizes,
  { loader, batches }: { loader: DataLoader; batches: number },
): Promise<PrunedModel> {
  const whole = loadDecoder(folder);
  const inputs: (DecoderInputs & { tensors: tf.NamedTensorMap })[] = [];
  try {
    for (let i = 0; i < Math.min(batches, loader.length); i++) {
      const batch = toTensors(await loader.batch(0, i));
      const bias = ops.documentBias(batch["documents"]!);
      inputs.push({
        ids: batch["ids"]!,
        positions: batch["positions"],
        bias,
        tensors: { ...batch, bias },
      });
    }
    const importance = await decoderImportance(whole, inputs);
    const { pruned, kept } = pruneDecoder(readWeights(folder), importance, sizes);
    const model = new Decoder(pruned.config, { seed: null });
    loadParameters(model.parameters, pruned.tensors);
    return { model, config: pruned.config, kept, influences: importance.layers };
  } finally {
    for (const { tensors: own } of inputs) tf.dispose(own);
    whole.dispose();
  }
}
