import * as tf from "@tensorflow/tfjs";

import { conv2d, groupNorm, type Layer } from "../nn/layers.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { downsample, upsample } from "../nn/resample.ts";
import { resBlock } from "../nn/resBlock.ts";
import { spatialAttention } from "../nn/spatialAttention.ts";
import { ModelConfigReader } from "./modelConfig.ts";

/** The keys of diffusers' `vae/config.json` that we read. */
export interface AutoencoderKlConfig {
  /** Channels of the image. */
  in_channels: number;
  out_channels: number;
  latent_channels: number;
  /** Channels of each level; each level but the last halves height and width. */
  block_out_channels: number[];
  /** Residual blocks of an encoder level; a decoder level has one more. */
  layers_per_block: number;
  norm_num_groups: number;
  mid_block_add_attention: boolean;
  use_quant_conv: boolean;
  use_post_quant_conv: boolean;
  /** Multiplies latents for the diffusion model, so that their variance is about 1. */
  scaling_factor: number;
  /** Subtracted from latents before they are scaled. */
  shift_factor: number;
  /** Side of the images that it was trained on, in pixels. */
  sample_size: number;
}

/** Normal distribution of the latents, each `[batch, latentChannels, height, width]`. */
export interface LatentDistribution {
  mean: tf.Tensor4D;
  /** Natural logarithm of the variance, in [-30, 20]. */
  logvar: tf.Tensor4D;
}

const epsilon = 1e-6;
const logvarRange = [-30, 20] as const;

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readAutoencoderKlConfig(config: unknown): AutoencoderKlConfig {
  const read = new ModelConfigReader("AutoencoderKL", config);
  const channels = read.integers("block_out_channels");
  read.words("down_block_types", ["DownEncoderBlock2D"], channels.length);
  read.words("up_block_types", ["UpDecoderBlock2D"], channels.length);
  read.unsupported("act_fn", "silu");
  read.unsupported("latents_mean");
  read.unsupported("latents_std");
  return {
    in_channels: read.integer("in_channels", 3),
    out_channels: read.integer("out_channels", 3),
    latent_channels: read.integer("latent_channels", 4),
    block_out_channels: channels,
    layers_per_block: read.integer("layers_per_block", 1),
    norm_num_groups: read.integer("norm_num_groups", 32),
    mid_block_add_attention: read.boolean("mid_block_add_attention", true),
    use_quant_conv: read.boolean("use_quant_conv", true),
    use_post_quant_conv: read.boolean("use_post_quant_conv", true),
    scaling_factor: read.number("scaling_factor", 0.18215),
    shift_factor: read.number("shift_factor", 0),
    sample_size: read.integer("sample_size", 512),
  };
}

/**
 * Variational autoencoder of latent diffusion: images to a distribution of small latents and back.
 * Images are `[batch, channels, height, width]` in [-1, 1]; height and width must be multiples of
 * {@link factor}. Parameters have diffusers' names. All methods are pure TF.js.
 *
 * Source: Rombach et al. 2022, arXiv:2112.10752.
 */
export class AutoencoderKl {
  readonly config: AutoencoderKlConfig;
  readonly parameters: Parameters;
  /** Pixels along one side of a latent. */
  readonly factor: number;
  readonly #encoder: Layer;
  readonly #decoder: Layer;

  /** @param config a diffusers `config.json`, parsed */
  constructor(config: unknown, options: ParameterScopeOptions) {
    this.config = readAutoencoderKlConfig(config);
    this.factor = 2 ** (this.config.block_out_channels.length - 1);
    const scope = new ParameterScope(options);
    this.parameters = scope.parameters;
    this.#encoder = encoder(scope, this.config);
    this.#decoder = decoder(scope, this.config);
  }

  /** @throws {RangeError} when the image's shape does not fit */
  encode(images: tf.Tensor): LatentDistribution {
    const [, channels, height = 0, width = 0] = images.shape;
    const { in_channels, latent_channels } = this.config;
    if (channels !== in_channels || height % this.factor !== 0 || width % this.factor !== 0) {
      throw new RangeError(
        `Cannot encode: expected images [batch, ${in_channels}, height, width] with height and width divisible by ${this.factor}, got [${images.shape.join(", ")}]`,
      );
    }
    return tf.tidy(() => {
      const moments = this.#encoder(images);
      const [mean, logvar] = tf.split<tf.Tensor4D>(rank4(moments), 2, 1);
      if (!mean || !logvar) throw new Error(`Cannot split ${latent_channels * 2} channels`);
      return { mean, logvar: tf.clipByValue(logvar, ...logvarRange) };
    });
  }

  /**
   * Images from latents that are not scaled.
   *
   * @throws {RangeError} when the latents' shape does not fit
   */
  decode(latents: tf.Tensor): tf.Tensor4D {
    const { latent_channels } = this.config;
    if (latents.rank !== 4 || latents.shape[1] !== latent_channels) {
      throw new RangeError(
        `Cannot decode: expected latents [batch, ${latent_channels}, height, width], got [${latents.shape.join(", ")}]`,
      );
    }
    return tf.tidy(() => rank4(this.#decoder(latents)));
  }

  /** Latents as the diffusion model takes them. */
  scaleLatents(latents: tf.Tensor): tf.Tensor4D {
    const { scaling_factor, shift_factor } = this.config;
    return tf.tidy(() => rank4(latents.sub(shift_factor).mul(scaling_factor)));
  }

  /** Undoes {@link scaleLatents}. */
  unscaleLatents(latents: tf.Tensor): tf.Tensor4D {
    const { scaling_factor, shift_factor } = this.config;
    return tf.tidy(() => rank4(latents.div(scaling_factor).add(shift_factor)));
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }
}

/** `mean + deviation * noise`: a draw from the distribution, not scaled. */
export function sampleLatents({ mean, logvar }: LatentDistribution, noise: tf.Tensor): tf.Tensor4D {
  return tf.tidy(() => mean.add(logvar.mul(0.5).exp().mul(noise)));
}

/** Divergence of each image's distribution from the standard normal, in nats, `[batch]`. */
export function klDivergence({ mean, logvar }: LatentDistribution): tf.Tensor1D {
  return tf.tidy(() =>
    mean.square().add(logvar.exp()).sub(1).sub(logvar).mul(0.5).sum<tf.Tensor1D>([1, 2, 3]),
  );
}

/**
 * Our name of a parameter in a published file: some older files call the attention's projections
 * `query`, `key`, `value` and `proj_attn`.
 */
export function autoencoderKlParameterName(name: string): string {
  return name
    .replace(/\.query\.(weight|bias)$/, ".to_q.$1")
    .replace(/\.key\.(weight|bias)$/, ".to_k.$1")
    .replace(/\.value\.(weight|bias)$/, ".to_v.$1")
    .replace(/\.proj_attn\.(weight|bias)$/, ".to_out.0.$1");
}

/** Images to moments: means, then log variances, along the channels. */
function encoder(model: ParameterScope, config: AutoencoderKlConfig): Layer {
  const { block_out_channels: channels, latent_channels } = config;
  const scope = model.at("encoder");
  const last = channels.length - 1;
  const layers: Layer[] = [];
  layers.push(conv2d(scope.at("conv_in"), config.in_channels, channels[0]!, { size: 3 }));
  for (const [level, outChannels] of channels.entries()) {
    const block = scope.at(`down_blocks.${level}`);
    const inChannels = channels[Math.max(level - 1, 0)]!;
    layers.push(...resBlocks(block, inChannels, outChannels, config.layers_per_block, config));
    if (level < last) layers.push(downsample(block.at("downsamplers.0"), outChannels, "end"));
  }
  layers.push(middle(scope.at("mid_block"), channels[last]!, config));
  layers.push(head(scope, channels[last]!, 2 * latent_channels, config));
  if (config.use_quant_conv) {
    layers.push(pointwise(model.at("quant_conv"), 2 * latent_channels));
  }
  return chain(layers);
}

function decoder(model: ParameterScope, config: AutoencoderKlConfig): Layer {
  const channels = config.block_out_channels.toReversed();
  const scope = model.at("decoder");
  const layers: Layer[] = [];
  if (config.use_post_quant_conv) {
    layers.push(pointwise(model.at("post_quant_conv"), config.latent_channels));
  }
  layers.push(conv2d(scope.at("conv_in"), config.latent_channels, channels[0]!, { size: 3 }));
  layers.push(middle(scope.at("mid_block"), channels[0]!, config));
  for (const [level, outChannels] of channels.entries()) {
    const block = scope.at(`up_blocks.${level}`);
    const inChannels = channels[Math.max(level - 1, 0)]!;
    layers.push(...resBlocks(block, inChannels, outChannels, config.layers_per_block + 1, config));
    if (level < channels.length - 1) layers.push(upsample(block.at("upsamplers.0"), outChannels));
  }
  layers.push(head(scope, channels.at(-1)!, config.out_channels, config));
  return chain(layers);
}

function resBlocks(
  scope: ParameterScope,
  inChannels: number,
  outChannels: number,
  count: number,
  { norm_num_groups: groups }: AutoencoderKlConfig,
): Layer[] {
  return Array.from({ length: count }, (_, i) =>
    resBlock(scope.at(`resnets.${i}`), {
      inChannels: i === 0 ? inChannels : outChannels,
      outChannels,
      groups,
      epsilon,
    }),
  );
}

/** A residual block, attention between the pixels, a residual block. */
function middle(scope: ParameterScope, channels: number, config: AutoencoderKlConfig): Layer {
  const [first, second] = resBlocks(scope, channels, channels, 2, config);
  const attend: Layer = config.mid_block_add_attention
    ? spatialAttention(scope.at("attentions.0"), channels, {
        groups: config.norm_num_groups,
        epsilon,
      })
    : (x) => x;
  return chain([first!, attend, second!]);
}

function head(
  scope: ParameterScope,
  channels: number,
  outputs: number,
  { norm_num_groups: groups }: AutoencoderKlConfig,
): Layer {
  return chain([
    groupNorm(scope.at("conv_norm_out"), channels, { groups, epsilon, activation: "silu" }),
    conv2d(scope.at("conv_out"), channels, outputs, { size: 3 }),
  ]);
}

function pointwise(scope: ParameterScope, channels: number): Layer {
  return conv2d(scope, channels, channels, { size: 1 });
}

function chain(layers: readonly Layer[]): Layer {
  return (x) => layers.reduce((hidden, layer) => layer(hidden), x);
}

function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return x.as4D(a, b, c, d);
}
