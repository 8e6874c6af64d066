import type * as tf from "@tensorflow/tfjs";

/**
 * The models that an adapter changes, by the prefix that their names have in its file: `unet` and
 * `text_encoder` in a pipeline.
 */
export type AdaptedModels = Readonly<
  Record<string, { readonly parameters: ReadonlyMap<string, tf.Variable> }>
>;

/** Weights of all layers, by prefix and name: `unet.conv_in` for `unet`'s `conv_in.weight`. */
export function layerWeights(models: AdaptedModels): Map<string, tf.Variable> {
  const weights = new Map<string, tf.Variable>();
  for (const [prefix, { parameters }] of Object.entries(models)) {
    for (const [name, variable] of parameters) {
      if (!name.endsWith(".weight")) continue;
      weights.set(`${prefix}.${name.slice(0, -".weight".length)}`, variable);
    }
  }
  return weights;
}
