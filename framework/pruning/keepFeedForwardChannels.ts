import {
  cutTensors,
  integerOf,
  keptInEach,
  type DecoderWeights,
  type Kept,
} from "./decoderWeights.ts";

/**
 * The model with fewer channels inside its feed-forward layers.
 *
 * Source: Muralidharan et al. 2024 (Minitron), arXiv:2407.14679, section 2.
 *
 * @param kept for each layer the channels that stay, the same number in all
 */
export function keepFeedForwardChannels(
  model: DecoderWeights,
  kept: readonly Kept[],
): DecoderWeights {
  const layers = integerOf(model.config, "num_hidden_layers");
  const intermediate_size = keptInEach(layers, kept, "feed-forward channels");
  return cutTensors(model, { intermediate_size }, (_, place) => {
    const channels = place && kept[place.layer];
    if (!channels || !place.part.startsWith("mlp.")) return undefined;
    const isOutput = place.part.startsWith("mlp.down_proj.");
    if (isOutput && place.part.endsWith(".bias")) return undefined;
    return [[isOutput ? 1 : 0, channels]];
  });
}
