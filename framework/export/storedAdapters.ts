import * as tf from "@tensorflow/tfjs";

import type { LearnedEmbeddings } from "../adapters/learnedEmbeddings.ts";
import type { LoraLayers } from "../adapters/lora.ts";
import type { LoraFactors } from "../adapters/loraLayer.ts";
import { hostTensor, type HostTensor } from "../base/hostTensor.ts";
import { openCheckpointTensors } from "../training/checkpoint.ts";

/** What a run trained beside a pipeline's own weights. */
export interface StoredAdapters {
  readonly lora: LoraLayers<HostTensor>;
  readonly tokens: LearnedEmbeddings;
}

/** How a checkpoint names factors of LoRA and vectors of tokens. */
const factorName = /^(.+)\.lora_([AB])\.weight$/;
const tokenName = /^tokens\.(.+)$/s;

/** Whether a name in a checkpoint is an adapter's. */
export const isAdapterName = (name: string): boolean =>
  factorName.test(name) || tokenName.test(name);

/**
 * Variables for parameters of a checkpoint, zero at first, to be restored.
 *
 * @param wanted which of them, by name
 * @returns by name; the caller disposes
 */
export function checkpointVariables(
  checkpoint: string,
  wanted: (name: string) => boolean,
): Map<string, tf.Variable> {
  const chosen = [...openCheckpointTensors(checkpoint, "parameters")].filter(([name]) =>
    wanted(name),
  );
  return new Map(
    chosen.map(([name, { shape }]) => [
      name,
      tf.tidy(() => tf.variable(tf.zeros([...shape]), false)),
    ]),
  );
}

/**
 * The adapters among restored variables.
 *
 * @param alpha of all layers; default: each one's rank
 */
export function readAdapterVariables(
  variables: ReadonlyMap<string, tf.Variable>,
  alpha: number | undefined,
): StoredAdapters {
  const factors = new Map<string, { down?: HostTensor; up?: HostTensor }>();
  const tokens = new Map<string, HostTensor>();
  for (const [name, variable] of variables) {
    if (!isAdapterName(name)) continue;
    const value = hostTensor(variable.dataSync<"float32">(), variable.shape);
    const [, layer, factor] = factorName.exec(name) ?? [];
    const [, token = name] = tokenName.exec(name) ?? [];
    if (layer === undefined) tokens.set(token, value);
    else {
      factors.set(layer, { ...factors.get(layer), [factor === "A" ? "down" : "up"]: value });
    }
  }
  const lora = new Map<string, LoraFactors<HostTensor>>();
  for (const [layer, { down, up }] of factors) {
    if (down && up) lora.set(layer, { down, up, alpha: alpha ?? down.shape[0]! });
  }
  return { lora, tokens };
}
