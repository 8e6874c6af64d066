/** The smallest autoencoder, of two levels. */
export const autoencoderConfig: Readonly<Record<string, unknown>> = {
  _class_name: "AutoencoderKL",
  block_out_channels: [4, 4],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 2,
  latent_channels: 2,
  scaling_factor: 0.5,
};
