import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import { checkpoint } from "../nn/checkpoint.ts";
import { zeros } from "../nn/initializers.ts";
import { conv2d, groupNorm, type Layer } from "../nn/layers.ts";
import { silu } from "../nn/ops/index.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { downsample, upsample, type Upsample } from "../nn/resample.ts";
import { resBlock } from "../nn/resBlock.ts";
import { spatialAttention } from "../nn/spatialAttention.ts";
import { spatialTransformer, type ConditionedLayer } from "../nn/spatialTransformer.ts";
import { textTimeEmbedding } from "../nn/textTimeEmbedding.ts";
import { sinusoids, timeEmbedding } from "../nn/timestepEmbedding.ts";
import { readUnetConfig, type UnetConfig } from "./unetConfig.ts";

export interface UnetForwardOptions {
  /**
   * Sees what the named parts give: `conv_in`, `time_embedding`, `down_blocks.0`,
   * `down_blocks.0.resnets.0`, ..., `conv_norm_out` (activated). The tensors live until {@link Unet.forward} returns.
   */
  tap?: (name: string, value: tf.Tensor) => void;
  /** Whether gradients compute each block again instead of keeping what it computed. */
  gradientCheckpointing?: boolean;
}

/** What every part of the network is told beside its input. */
interface Condition {
  /** Activated embedding of the time, and perhaps the text, `[batch or 1, timeFeatures]`. */
  time: tf.Tensor;
  /** `[batch, tokens, cross_attention_dim]`. */
  context: tf.Tensor;
  tap: (name: string, value: tf.Tensor) => void;
  gradientCheckpointing: boolean;
}

type Part = (x: tf.Tensor, condition: Condition) => tf.Tensor;

/** A level on the way down, or up: its parts in order, and what follows them. */
interface Level {
  name: string;
  parts: Part[];
  resample: Upsample | undefined;
}

/**
 * The noise predictor of Stable Diffusion 1 and 2: a U-shaped convolutional network told the
 * timestep and a sequence of text features. Parameters have diffusers' names. Pure TF.js.
 *
 * Source: Rombach et al. 2022, arXiv:2112.10752.
 */
export class Unet {
  readonly config: UnetConfig;
  readonly parameters: Parameters;
  readonly #convIn: Layer;
  readonly #timeEmbedding: Layer;
  readonly #textEmbedding: Layer | undefined;
  readonly #down: Level[];
  readonly #middle: Part;
  readonly #up: Level[];
  readonly #normOut: Layer;
  readonly #convOut: Layer;

  /** @param config a diffusers `config.json`, parsed */
  constructor(config: unknown, options: ParameterScopeOptions) {
    this.config = readUnetConfig(config);
    const { block_out_channels: channels, norm_num_groups: groups } = this.config;
    const first = channels[0]!;
    const scope = new ParameterScope(options);
    this.parameters = scope.parameters;
    this.#convIn = conv2d(scope.at("conv_in"), this.config.in_channels, first, {
      size: this.config.conv_in_kernel,
    });
    this.#timeEmbedding = timeEmbedding(scope.at("time_embedding"), first, timeFeatures(channels));
    if (this.config.addition_embed_type === "text") {
      this.#textEmbedding = textTimeEmbedding(scope.at("add_embedding"), {
        contextFeatures: this.config.cross_attention_dim,
        timeFeatures: timeFeatures(channels),
        heads: this.config.addition_embed_type_num_heads,
      });
    }
    const skips = [first];
    this.#down = downLevels(scope, this.config, skips);
    this.#middle = middle(scope.at("mid_block"), this.config);
    this.#up = upLevels(scope, this.config, skips);
    this.#normOut = groupNorm(scope.at("conv_norm_out"), first, {
      groups,
      epsilon: this.config.norm_eps,
      activation: "silu",
    });
    this.#convOut = conv2d(scope.at("conv_out"), first, this.config.out_channels, {
      size: this.config.conv_out_kernel,
      ...(scope.zeroResiduals && { initializer: zeros }),
    });
  }

  /**
   * The prediction for noisy latents: noise, or whatever the model was trained to predict.
   *
   * @param latents `[batch, in_channels, height, width]`
   * @param timesteps index into the noise schedule, `[batch]`, or one for all: `[1]` or a scalar
   * @param context text features `[batch, tokens, cross_attention_dim]`
   * @returns `[batch, out_channels, height, width]`
   * @throws {RangeError} when shapes do not fit
   */
  forward(
    latents: tf.Tensor,
    timesteps: tf.Tensor,
    context: tf.Tensor,
    { tap = () => {}, gradientCheckpointing = false }: UnetForwardOptions = {},
  ): tf.Tensor4D {
    this.#check(latents, timesteps, context);
    return tf.tidy(() => {
      const { flip_sin_to_cos: flipSinToCos, freq_shift: freqShift } = this.config;
      const features = this.config.block_out_channels[0]!;
      const embedded = this.#timeEmbedding(
        sinusoids(timesteps, features, { flipSinToCos, freqShift }),
      );
      tap("time_embedding", embedded);
      const told = this.#textEmbedding ? embedded.add(this.#textEmbedding(context)) : embedded;
      const condition = { time: silu(told), context, tap, gradientCheckpointing };
      let hidden = this.#convIn(latents);
      tap("conv_in", hidden);
      const skips = [hidden];
      for (const level of this.#down) hidden = goDown(level, hidden, skips, condition);
      hidden = runPart(this.#middle, hidden, condition);
      tap("mid_block", hidden);
      for (const level of this.#up) hidden = goUp(level, hidden, skips, condition);
      hidden = this.#normOut(hidden);
      tap("conv_norm_out", hidden);
      const [batch = 1, , height = 1, width = 1] = latents.shape;
      return this.#convOut(hidden).as4D(batch, this.config.out_channels, height, width);
    });
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  #check(latents: tf.Tensor, timesteps: tf.Tensor, context: tf.Tensor): void {
    const { in_channels, cross_attention_dim } = this.config;
    const [batch, channels] = latents.shape;
    if (latents.rank !== 4 || channels !== in_channels) {
      throw new RangeError(
        `Cannot predict: expected latents [batch, ${in_channels}, height, width], got ${describeShape(latents.shape)}`,
      );
    }
    if (timesteps.size !== 1 && timesteps.size !== batch) {
      throw new RangeError(
        `Cannot predict: expected one timestep or ${batch}, got ${describeShape(timesteps.shape)}`,
      );
    }
    if (
      context.rank !== 3 ||
      context.shape[0] !== batch ||
      context.shape[2] !== cross_attention_dim
    ) {
      throw new RangeError(
        `Cannot predict: expected context [${batch}, tokens, ${cross_attention_dim}], got ${describeShape(context.shape)}`,
      );
    }
  }
}

function timeFeatures(channels: readonly number[]): number {
  return 4 * channels[0]!;
}

/** @param skips channels of what the way up will be given; filled here */
function downLevels(model: ParameterScope, config: UnetConfig, skips: number[]): Level[] {
  const { block_out_channels: channels, down_block_types: types } = config;
  return channels.map((outChannels, level) => {
    const name = `down_blocks.${level}`;
    const scope = model.at(name);
    const parts = Array.from({ length: config.layers_per_block[level]! }, (_, i) => {
      const inChannels = i === 0 ? channels[Math.max(level - 1, 0)]! : outChannels;
      skips.push(outChannels);
      const place = { scope, block: name, index: i, level, config };
      const residual = residualPart(place, inChannels, outChannels);
      return inOrder(residual, attentionPart(types[level]!, place));
    });
    if (level === channels.length - 1) return { name, parts, resample: undefined };
    skips.push(outChannels);
    return {
      name,
      parts,
      resample: downsample(scope.at("downsamplers.0"), outChannels, "symmetric"),
    };
  });
}

/** @param skips channels of what the way down left; emptied here */
function upLevels(model: ParameterScope, config: UnetConfig, skips: number[]): Level[] {
  const { block_out_channels: channels, up_block_types: types } = config;
  let current = channels.at(-1)!;
  return channels.toReversed().map((outChannels, i) => {
    const level = channels.length - 1 - i; // counted as on the way down
    const name = `up_blocks.${i}`;
    const scope = model.at(name);
    const parts = Array.from({ length: config.layers_per_block[level]! + 1 }, (_, j) => {
      const inChannels = current + skips.pop()!;
      current = outChannels;
      const place = { scope, block: name, index: j, level, config };
      const residual = residualPart(place, inChannels, outChannels);
      return inOrder(residual, attentionPart(types[i]!, place));
    });
    const resample = level === 0 ? undefined : upsample(scope.at("upsamplers.0"), outChannels);
    return { name, parts, resample };
  });
}

/** A residual block, a transformer, a residual block. */
function middle(scope: ParameterScope, config: UnetConfig): Part {
  const channels = config.block_out_channels.at(-1)!;
  const level = config.block_out_channels.length - 1;
  const place = { scope, block: "mid_block", index: 0, level, config };
  const first = residualPart(place, channels, channels);
  const transformer = transformerPart(place);
  const second = residualPart({ ...place, index: 1 }, channels, channels);
  return inOrder(inOrder(first, transformer), second);
}

/** Where a part is in the model. */
interface Place {
  /** Of the block that holds it. */
  readonly scope: ParameterScope;
  readonly block: string;
  /** Among those of its kind. */
  readonly index: number;
  /** Counted as on the way down. */
  readonly level: number;
  readonly config: UnetConfig;
}

function residualPart(
  { scope, block, index, config }: Place,
  inChannels: number,
  outChannels: number,
): Part {
  const name = `resnets.${index}`;
  const layer = resBlock(scope.at(name), {
    inChannels,
    outChannels,
    groups: config.norm_num_groups,
    epsilon: config.norm_eps,
    timeFeatures: timeFeatures(config.block_out_channels),
    timeScaleShift: config.resnet_time_scale_shift === "scale_shift",
  });
  return tapped(`${block}.${name}`, (x, { time }) => layer(x, time));
}

/** What follows a residual block in blocks of this type. */
function attentionPart(type: string, place: Place): Part {
  if (type.startsWith("CrossAttn")) return transformerPart(place);
  if (type.startsWith("Attn")) return selfAttentionPart(place);
  return (x) => x;
}

function selfAttentionPart({ scope, block, index, level, config }: Place): Part {
  const name = `attentions.${index}`;
  const channels = config.block_out_channels[level]!;
  const attend = spatialAttention(scope.at(name), channels, {
    groups: config.norm_num_groups,
    epsilon: config.norm_eps,
    heads: channels / config.self_attention_head_width[level]!,
  });
  return tapped(`${block}.${name}`, attend);
}

function transformerPart({ scope, block, index, level, config }: Place): Part {
  const name = `attentions.${index}`;
  const transformer: ConditionedLayer = spatialTransformer(scope.at(name), {
    channels: config.block_out_channels[level]!,
    contextFeatures: config.cross_attention_dim,
    heads: config.attention_head_dim[level]!,
    layers: config.transformer_layers_per_block[level]!,
    groups: config.norm_num_groups,
    linearProjection: config.use_linear_projection,
  });
  return tapped(`${block}.${name}`, (x, { context }) => transformer(x, context));
}

/** Shows what a part gives. */
function tapped(name: string, part: Part): Part {
  return (x, condition) => {
    const y = part(x, condition);
    condition.tap(name, y);
    return y;
  };
}

function runPart(part: Part, x: tf.Tensor, condition: Condition): tf.Tensor {
  if (!condition.gradientCheckpointing) return part(x, condition);
  return checkpoint(
    (hidden, time, context) => part(hidden!, { ...condition, time: time!, context: context! }),
    [x, condition.time, condition.context],
  );
}

function inOrder(first: Part, second: Part): Part {
  return (x, condition) => second(first(x, condition), condition);
}

/** Runs a level, leaving what each part gives in `skips`. */
function goDown(
  { name, parts, resample }: Level,
  x: tf.Tensor,
  skips: tf.Tensor[],
  condition: Condition,
): tf.Tensor {
  let hidden = x;
  for (const part of parts) {
    hidden = runPart(part, hidden, condition);
    skips.push(hidden);
  }
  if (resample) {
    hidden = resample(hidden);
    skips.push(hidden);
  }
  condition.tap(name, hidden);
  return hidden;
}

/** Runs a level, each part beside the last of `skips`. */
function goUp(
  { name, parts, resample }: Level,
  x: tf.Tensor,
  skips: tf.Tensor[],
  condition: Condition,
): tf.Tensor {
  let hidden = x;
  for (const part of parts) {
    hidden = runPart(part, tf.concat([hidden, skips.pop()!], 1), condition);
  }
  const beside = skips.at(-1);
  if (resample) hidden = beside && isOdd(beside) ? resample(hidden, beside) : resample(hidden);
  condition.tap(name, hidden);
  return hidden;
}

/** Whether halving its height or width and doubling them again gives one more. */
function isOdd({ shape: [, , height = 0, width = 0] }: tf.Tensor): boolean {
  return height % 2 === 1 || width % 2 === 1;
}
