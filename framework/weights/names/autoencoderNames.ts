import { below, RenamedModules, type ModulePair } from "./renamedModules.ts";

/**
 * Module paths of diffusers' autoencoder and of the original, below `first_stage_model`. The
 * original counts the decoder's levels from the image.
 *
 * Source: ldm/modules/diffusionmodules/model.py, `Encoder` and `Decoder`.
 *
 * @param layers residual blocks of an encoder level
 */
export function autoencoderNames(levels: number, layers: number): RenamedModules {
  const pairs: ModulePair[] = [
    ["quant_conv", "quant_conv"],
    ["post_quant_conv", "post_quant_conv"],
    ...coder("encoder"),
    ...coder("decoder"),
  ];
  for (let level = 0; level < levels; level++) {
    const encoder: ModulePair = [`encoder.down_blocks.${level}`, `encoder.down.${level}`];
    pairs.push(...residuals(encoder, layers));
    pairs.push(...below(encoder, { "downsamplers.0.conv": "downsample.conv" }));
    const decoder: ModulePair = [`decoder.up_blocks.${level}`, `decoder.up.${levels - 1 - level}`];
    pairs.push(...residuals(decoder, layers + 1));
    pairs.push(...below(decoder, { "upsamplers.0.conv": "upsample.conv" }));
  }
  return new RenamedModules(pairs);
}

/** What encoder and decoder have alike. */
function coder(name: string): ModulePair[] {
  const middle: ModulePair = [`${name}.mid_block`, `${name}.mid`];
  return [
    ...below([name, name], {
      conv_in: "conv_in",
      conv_norm_out: "norm_out",
      conv_out: "conv_out",
    }),
    ...residual([`${middle[0]}.resnets.0`, `${middle[1]}.block_1`]),
    ...below([`${middle[0]}.attentions.0`, `${middle[1]}.attn_1`], {
      group_norm: "norm",
      to_q: "q",
      to_k: "k",
      to_v: "v",
      "to_out.0": "proj_out",
    }),
    ...residual([`${middle[0]}.resnets.1`, `${middle[1]}.block_2`]),
  ];
}

function residuals([ours, theirs]: ModulePair, count: number): ModulePair[] {
  return Array.from({ length: count }, (_, i) =>
    residual([`${ours}.resnets.${i}`, `${theirs}.block.${i}`]),
  ).flat();
}

function residual(pair: ModulePair): ModulePair[] {
  const same = { norm1: "norm1", conv1: "conv1", norm2: "norm2", conv2: "conv2" };
  return below(pair, { ...same, conv_shortcut: "nin_shortcut" });
}
