import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { integerOf, layerPlace, type DecoderWeights, type Kept } from "./decoderWeights.ts";

/**
 * The model without some of its layers; the others are numbered anew.
 *
 * Source: Men et al. 2024 (ShortGPT), arXiv:2403.03853, section 3.
 *
 * @param kept layers that stay, in growing order
 * @throws {RangeError} when none stays, or one is not there
 */
export function keepLayers({ config, tensors }: DecoderWeights, kept: Kept): DecoderWeights {
  const layers = integerOf(config, "num_hidden_layers");
  const isInOrder = kept.every((layer, i) => layer > (kept[i - 1] ?? -1) && layer < layers);
  if (!isInOrder || kept.length === 0) {
    throw new RangeError(
      `Cannot keep layers [${kept.join(", ")}]: expected some of 0 to ${layers - 1}, in growing order`,
    );
  }
  const numbers = new Map(kept.map((layer, i) => [layer, i]));
  const left: [string, HostTensor][] = [];
  for (const [name, tensor] of tensors) {
    const place = layerPlace(name);
    const number = place && numbers.get(place.layer);
    if (!place) left.push([name, tensor]);
    else if (number !== undefined) left.push([`${place.before}${number}.${place.part}`, tensor]);
  }
  return { config: { ...config, ...settingsOf(config, kept) }, tensors: new Map(left) };
}

/** Settings that count or list layers. */
function settingsOf(config: JsonObject, kept: Kept): JsonObject {
  const { layer_types: types, max_window_layers: whole } = config;
  return {
    num_hidden_layers: kept.length,
    ...(Array.isArray(types) && { layer_types: kept.map((layer) => types[layer]!) }),
    ...(typeof whole === "number" && {
      max_window_layers: kept.filter((layer) => layer < whole).length,
    }),
  };
}
