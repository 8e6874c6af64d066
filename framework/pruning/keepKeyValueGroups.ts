import {
  cutTensors,
  headsOf,
  integerOf,
  keptInEach,
  type Cut,
  type DecoderWeights,
  type Kept,
} from "./decoderWeights.ts";

/**
 * The model with fewer groups of attention heads: one head of keys and values goes together with
 * the query heads that share it. Heads keep their width.
 *
 * Source: Muralidharan et al. 2024 (Minitron), arXiv:2407.14679, section 2, by whole groups.
 *
 * @param kept for each layer the groups that stay, the same number in all
 */
export function keepKeyValueGroups(model: DecoderWeights, kept: readonly Kept[]): DecoderWeights {
  const layers = integerOf(model.config, "num_hidden_layers");
  const { heads, groups, headFeatures } = headsOf(model.config);
  const count = keptInEach(layers, kept, "groups of attention heads");
  const shared = heads / groups;
  const settings = {
    num_key_value_heads: count,
    num_attention_heads: count * shared,
    head_dim: headFeatures,
  };
  return cutTensors(model, settings, (_, place): Cut | undefined => {
    const left = place && kept[place.layer];
    const [, projection, kind] = /^self_attn\.([qkvo])_proj\.(\w+)$/.exec(place?.part ?? "") ?? [];
    if (!left || projection === undefined) return undefined;
    if (projection === "k" || projection === "v") return [[0, spread(left, headFeatures)]];
    const channels = spread(left, shared * headFeatures);
    if (projection === "q") return [[0, channels]];
    return kind === "weight" ? [[1, channels]] : undefined;
  });
}

/** All channels of some things that have `width` of them each. */
function spread(kept: Kept, width: number): number[] {
  return kept.flatMap((index) => Array.from({ length: width }, (_, i) => index * width + i));
}
