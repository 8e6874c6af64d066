import * as tf from "@tensorflow/tfjs";
import { isLayerMatrix, layerStatistics, toTensors, type DataLoader, type Decoder } from "seedbed";

import { logitsOf } from "../nano/decoderModule.ts";

/**
 * Sums of products of the features that come into each matrix of a decoder's layers, over the first
 * batches of a loader.
 *
 * @returns by the matrix' name, `[inputs, inputs]`
 */
export async function layerGrams(
  model: Decoder,
  loader: DataLoader,
  batches: number,
  signal?: AbortSignal,
): Promise<Map<string, Float64Array>> {
  const matrices = [...model.parameters].filter(([name]) => isLayerMatrix(name));
  const statistics = await layerStatistics(
    new Map(matrices),
    async () => {
      for (let i = 0; i < Math.min(batches, loader.length); i++) {
        signal?.throwIfAborted();
        const batch = toTensors(await loader.batch(0, i));
        tf.tidy(() => void logitsOf(model, batch));
        tf.dispose(batch);
      }
    },
    { gram: true },
  );
  return new Map([...statistics].map(([name, { gram }]) => [name, gram!]));
}
