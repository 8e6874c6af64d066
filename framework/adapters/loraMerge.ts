import * as tf from "@tensorflow/tfjs";

import { readTensor, toTensor, type HostTensor } from "../base/hostTensor.ts";
import { layerWeights, type AdaptedModels } from "./adaptedModels.ts";
import { fitting, type LoraLayers } from "./lora.ts";
import { loraDelta } from "./loraLayer.ts";

/** Changes added to models' own weights, so that they cost nothing when the models run. */
export interface LoraMerge {
  /**
   * Adds changes; several add up, and one that is there gets the new scale.
   *
   * @throws {RangeError} when they do not fit the models
   */
  merge(stored: LoraLayers<HostTensor>, scale?: number): void;
  /** Takes changes off again. Without any, the weights are what they were, to the bit. */
  unmerge(stored: LoraLayers<HostTensor>): void;
  /** Forgets what the weights were; they stay as they are. */
  dispose(): void;
}

/**
 * What the changed weights of models would be with changes that are beside them added, by the weights'
 * full names. The models stay as they are.
 */
export async function mergedWeights(
  models: AdaptedModels,
  layers: LoraLayers<tf.Variable>,
): Promise<Map<string, HostTensor>> {
  const weights = layerWeights(models);
  const found = new Map<string, HostTensor>();
  for (const [name, factors] of layers) {
    const merged = tf.tidy(() => weights.get(name)!.add(loraDelta(factors)));
    found.set(`${name}.weight`, await readTensor(merged));
    merged.dispose();
  }
  return found;
}

/** Merges low-rank changes into models. It keeps a copy of every weight that it changes. */
export function mergeLora(models: AdaptedModels): LoraMerge {
  const weights = layerWeights(models);
  const originals = new Map<string, tf.Tensor>();
  const merged = new Map<LoraLayers<HostTensor>, number>();

  /** From the original, so that no rounding stays. */
  function compute(name: string): void {
    tf.tidy(() => {
      let weight = originals.get(name)!;
      for (const [layers, scale] of merged) {
        const factors = layers.get(name);
        if (factors === undefined) continue;
        const { alpha } = factors;
        const [down, up] = [toTensor(factors.down), toTensor(factors.up)];
        weight = weight.add(loraDelta({ down, up, alpha }).mul(scale));
      }
      weights.get(name)!.assign(weight);
    });
  }

  return {
    merge(stored, scale = 1) {
      for (const [name, weight] of fitting(weights, stored)) {
        if (!originals.has(name)) originals.set(name, tf.keep(weight.clone()));
      }
      merged.set(stored, scale);
      for (const name of stored.keys()) compute(name);
    },
    unmerge(stored) {
      if (!merged.delete(stored)) return;
      for (const name of stored.keys()) compute(name);
    },
    dispose() {
      tf.dispose([...originals.values()]);
      originals.clear();
      merged.clear();
    },
  };
}
