/** Parts of layers' names that have an underscore of their own. */
const compounds = [
  ...["down_blocks", "up_blocks", "mid_block", "transformer_blocks", "text_model", "self_attn"],
  ...["to_q", "to_k", "to_v", "to_out", "q_proj", "k_proj", "v_proj", "out_proj"],
  ...["proj_in", "proj_out", "conv_in", "conv_out", "conv_shortcut", "time_emb_proj"],
  ...["time_embedding", "linear_1", "linear_2"],
];

const piece = new RegExp(`(${compounds.join("|")}|[a-z]+\\d*|\\d+)(?:_|$)`, "gy");

/** Models by the beginning of their layers' names. */
const models: readonly [prefix: string, model: string][] = [
  ["lora_unet_", "unet"],
  ["lora_te_", "text_encoder"],
];

/**
 * The name of a layer that kohya-ss/sd-scripts call `lora_unet_down_blocks_0_...`: with dots, after
 * its model's name. Undefined if it is none of Stable Diffusion 1's or 2's.
 */
export function kohyaLayer(name: string): string | undefined {
  for (const [prefix, model] of models) {
    if (!name.startsWith(prefix)) continue;
    const rest = name.slice(prefix.length);
    const pieces = [...rest.matchAll(piece)].map(([, each = ""]) => each);
    if (pieces.join("_") === rest) return [model, ...pieces].join(".");
  }
  return undefined;
}
