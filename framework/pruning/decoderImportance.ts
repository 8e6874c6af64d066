import * as tf from "@tensorflow/tfjs";

import type { Decoder, DecoderInputs } from "../models/decoder.ts";
import { layerStatistics, type InputStatistics } from "../nn/layerStatistics.ts";
import { blockInfluence } from "./blockInfluence.ts";

/** How much each part of a decoder matters for some texts. */
export interface DecoderImportance {
  /** Influence of each layer. */
  readonly layers: readonly number[];
  /** Of each layer's feed-forward channels, `[intermediate_size]`. */
  readonly feedForward: readonly Float32Array[];
  /** Of each layer's groups of heads, `[num_key_value_heads]`. */
  readonly keyValueGroups: readonly Float32Array[];
  /** Of the features between layers, `[hidden_size]`. */
  readonly features: Float32Array;
}

/**
 * Runs a decoder on some texts and measures what passes through it: influence of layers; mean magnitude
 * of feed-forward channels and of heads, before they are put together again; and of features behind
 * the norms, summed over layers.
 *
 * Source: Men et al. 2024 (ShortGPT), arXiv:2403.03853, eq. 1; Muralidharan et al. 2024 (Minitron),
 * arXiv:2407.14679, section 2.2, with means where it has norms over batches.
 *
 * @param batches the caller's to dispose; padding counts as all other tokens do
 */
export async function decoderImportance(
  decoder: Decoder,
  batches: readonly DecoderInputs[],
): Promise<DecoderImportance> {
  const { num_hidden_layers: count, num_key_value_heads: groups } = decoder.config;
  const layers = Array.from({ length: count }, () => 0);
  const run = async (): Promise<void> => {
    for (const inputs of batches) {
      const influences = tf.tidy(() => influencesOf(decoder, inputs));
      const values = await influences.data();
      influences.dispose();
      for (let i = 0; i < count; i++) layers[i]! += values[i]! / batches.length;
    }
  };
  const found = await layerStatistics(watched(decoder), run);
  const magnitudes = (layer: number, part: string): Float32Array =>
    statistics(found, layerWeight(layer, part)).meanAbsolute;
  const each = <Value>(of: (layer: number) => Value): Value[] => layers.map((_, i) => of(i));
  return {
    layers,
    feedForward: each((layer) => magnitudes(layer, "mlp.down_proj")),
    keyValueGroups: each((layer) => sumsOf(magnitudes(layer, "self_attn.o_proj"), groups)),
    features: added(
      each((layer) => layer).flatMap((layer) => [
        magnitudes(layer, "self_attn.q_proj"),
        magnitudes(layer, "mlp.gate_proj"),
      ]),
    ),
  };
}

function influencesOf(decoder: Decoder, inputs: DecoderInputs): tf.Tensor1D {
  const { hiddenStates, unnormed } = decoder.forward(inputs);
  const states = [...hiddenStates.slice(0, -1), unnormed];
  return tf.stack(states.slice(1).map((after, i) => blockInfluence(states[i]!, after))).as1D();
}

const layerWeight = (layer: number, part: string): string => `model.layers.${layer}.${part}.weight`;

/** Layers whose inputs are looked at. */
function watched({ config, parameters }: Decoder): Map<string, tf.Variable> {
  const parts = ["self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"];
  const names = Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    parts.map((part) => layerWeight(layer, part)),
  ).flat();
  return new Map(names.map((name) => [name, parameters.get(name)!]));
}

function statistics(found: ReadonlyMap<string, InputStatistics>, name: string): InputStatistics {
  const each = found.get(name);
  if (each) return each;
  throw new RangeError(`Cannot measure importance: expected texts, got none for ${name}`);
}

/** Sums over equally many neighbours. */
function sumsOf(values: Float32Array, count: number): Float32Array {
  const width = values.length / count;
  const sums = new Float32Array(count);
  for (const [i, value] of values.entries()) sums[Math.floor(i / width)]! += value;
  return sums;
}

function added(arrays: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(arrays[0]?.length ?? 0);
  for (const array of arrays) for (const [i, value] of array.entries()) sum[i]! += value;
  return sum;
}
