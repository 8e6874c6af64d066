import {
  cutTensors,
  headsOf,
  integerOf,
  type Cut,
  type DecoderWeights,
  type Kept,
} from "./decoderWeights.ts";

/**
 * The model with fewer features between its layers. Heads keep their width.
 *
 * Source: Muralidharan et al. 2024 (Minitron), arXiv:2407.14679, section 2.
 *
 * @param kept features that stay, the same in all layers
 */
export function keepHiddenChannels(model: DecoderWeights, kept: Kept): DecoderWeights {
  const features = integerOf(model.config, "hidden_size");
  if (kept.length === 0) {
    throw new RangeError(`Cannot cut hidden channels: expected some of ${features} to stay`);
  }
  const settings = { hidden_size: kept.length, head_dim: headsOf(model.config).headFeatures };
  return cutTensors(model, settings, (name): Cut => {
    if (/(layernorm|\bnorm)\.weight$|\b(o_proj|down_proj)\.(weight|bias)$/.test(name)) {
      return [[0, kept]];
    }
    const readsHidden = /\b([qkv]_proj|gate_proj|up_proj|embed_tokens|lm_head)\.weight$/.test(name);
    return readsHidden ? [[1, kept]] : [];
  });
}
