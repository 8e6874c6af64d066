/** @file The settings of Stable Diffusion 1.5's models, as its checkpoint has them. */

/** 859,520,964 parameters. */
export const unetConfig: object = {
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [320, 640, 1280, 1280],
  down_block_types: [
    "CrossAttnDownBlock2D",
    "CrossAttnDownBlock2D",
    "CrossAttnDownBlock2D",
    "DownBlock2D",
  ],
  up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
  layers_per_block: 2,
  attention_head_dim: 8,
  cross_attention_dim: 768,
  norm_num_groups: 32,
};

/** 123,060,480 parameters. */
export const textEncoderConfig = {
  vocab_size: 49408,
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  max_position_embeddings: 77,
};

/** 83,653,863 parameters. */
export const vaeConfig: object = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array.from({ length: 4 }, () => "DownEncoderBlock2D"),
  up_block_types: Array.from({ length: 4 }, () => "UpDecoderBlock2D"),
  layers_per_block: 2,
  norm_num_groups: 32,
  sample_size: 512,
};

/** Of the latents of a picture of 512 x 512. */
export const latentShape: readonly [channels: number, height: number, width: number] = [4, 64, 64];
/** Of a prompt. */
export const contextShape: readonly [tokens: number, features: number] = [77, 768];
