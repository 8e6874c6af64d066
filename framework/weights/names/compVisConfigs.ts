import { InputError } from "../../base/errors.ts";
import type { JsonObject } from "../jsonFile.ts";
import { compVisPrefixes, hasOpenClip, type PerModel } from "./compVis.ts";

/** Shapes by the names of the original code. */
type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** Width of an attention head of Stable Diffusion 2 and of CLIP; Stable Diffusion 1 has 8 heads. */
const headWidth = 64;
const headsOfVersion1 = 8;

/** Layers of the published OpenCLIP ViT-H/14, of which Stable Diffusion 2 uses all but the last. */
const openClipLayers = 24;

/**
 * The settings of the models in a checkpoint of the original code, which has none: what shapes say,
 * and what Stable Diffusion 1 and 2 have in common or apart. OpenCLIP's names tell the second.
 *
 * @param source the checkpoint, for messages
 * @throws {InputError} when it is not one of Stable Diffusion 1 or 2
 */
export function compVisConfigs(shapes: Shapes, source: string): PerModel<JsonObject> {
  const look = new Lookup(shapes, source);
  return {
    unet: unetConfig(look, hasOpenClip(shapes)),
    vae: autoencoderConfig(look),
    textEncoder: hasOpenClip(shapes) ? openClipConfig(look) : clipConfig(look),
  };
}

class Lookup {
  readonly #shapes: Shapes;
  readonly #source: string;

  constructor(shapes: Shapes, source: string) {
    this.#shapes = shapes;
    this.#source = source;
    for (const prefix of [compVisPrefixes.unet, compVisPrefixes.vae, "cond_stage_model."]) {
      if ([...shapes.keys()].some((name) => name.startsWith(prefix))) continue;
      const some = [...shapes.keys()].slice(0, 3).join(", ");
      throw new InputError(
        `Cannot read ${source}: expected a checkpoint of Stable Diffusion 1 or 2 with ${prefix}*, got ${some}, ...`,
      );
    }
  }

  has(name: string): boolean {
    return this.#shapes.has(name);
  }

  shape(name: string): readonly number[] {
    const tensor = this.#shapes.get(name);
    if (tensor) return tensor.shape;
    throw new InputError(
      `Cannot read ${this.#source}: expected a checkpoint of Stable Diffusion 1 or 2, but ${name} is missing`,
    );
  }

  size(name: string, axis: number): number {
    return this.shape(name)[axis] ?? 0;
  }

  /** How many of `name(0)`, `name(1)`, ... there are in a row. */
  count(name: (index: number) => string): number {
    let count = 0;
    while (this.has(name(count))) count++;
    return count;
  }
}

function unetConfig(look: Lookup, isVersion2: boolean): JsonObject {
  const at = (name: string): string => compVisPrefixes.unet + name;
  // the first block without a convolution of its own halves the picture
  const layers = look.count((i) => at(`input_blocks.${i + 1}.0.in_layers.2.weight`));
  const first = (level: number): number => 1 + level * (layers + 1);
  const channels: number[] = [];
  const levels = look.count((i) => at(`input_blocks.${first(i)}.0.in_layers.2.weight`));
  const transformer = (block: string): string => at(`${block}.1.transformer_blocks.0`);
  const down = Array.from({ length: levels }, (_, level) => {
    channels.push(look.size(at(`input_blocks.${first(level)}.0.out_layers.3.weight`), 0));
    return look.has(`${transformer(`input_blocks.${first(level)}`)}.attn2.to_k.weight`);
  });
  const up = Array.from({ length: levels }, (_, level) =>
    look.has(`${transformer(`output_blocks.${level * (layers + 1)}`)}.attn2.to_k.weight`),
  );
  const middle = transformer("middle_block");
  return {
    _class_name: "UNet2DConditionModel",
    in_channels: look.size(at("input_blocks.0.0.weight"), 1),
    out_channels: look.size(at("out.2.weight"), 0),
    block_out_channels: channels,
    down_block_types: down.map((attends) => (attends ? "CrossAttnDownBlock2D" : "DownBlock2D")),
    up_block_types: up.map((attends) => (attends ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    layers_per_block: layers,
    transformer_layers_per_block: look.count((i) =>
      at(`middle_block.1.transformer_blocks.${i}.attn2.to_k.weight`),
    ),
    attention_head_dim: isVersion2
      ? channels.map((count) => Math.max(1, count / headWidth))
      : headsOfVersion1,
    cross_attention_dim: look.size(`${middle}.attn2.to_k.weight`, 1),
    use_linear_projection: look.shape(at("middle_block.1.proj_in.weight")).length === 2,
    sample_size: 64,
  };
}

function autoencoderConfig(look: Lookup): JsonObject {
  const at = (name: string): string => compVisPrefixes.vae + name;
  const block = (level: number, i: number): string =>
    at(`encoder.down.${level}.block.${i}.conv1.weight`);
  const levels = look.count((level) => block(level, 0));
  const times = (type: string): string[] => new Array<string>(levels).fill(type);
  return {
    _class_name: "AutoencoderKL",
    in_channels: look.size(at("encoder.conv_in.weight"), 1),
    out_channels: look.size(at("decoder.conv_out.weight"), 0),
    latent_channels: look.size(at("post_quant_conv.weight"), 0),
    block_out_channels: Array.from({ length: levels }, (_, level) => look.size(block(level, 0), 0)),
    down_block_types: times("DownEncoderBlock2D"),
    up_block_types: times("UpDecoderBlock2D"),
    layers_per_block: look.count((i) => block(0, i)),
    sample_size: 512,
    scaling_factor: 0.18215,
  };
}

function clipConfig(look: Lookup): JsonObject {
  const inner = `${compVisPrefixes.clip}text_model.`; // some files lack the last part
  const root = look.has(`${inner}embeddings.token_embedding.weight`) ? inner : compVisPrefixes.clip;
  const at = (name: string): string => root + name;
  const layer = (i: number): string => at(`encoder.layers.${i}.mlp.fc1.weight`);
  return {
    ...textConfig(look, at("embeddings.token_embedding.weight"), layer(0)),
    max_position_embeddings: look.size(at("embeddings.position_embedding.weight"), 0),
    num_hidden_layers: look.count(layer),
    hidden_act: "quick_gelu",
  };
}

function openClipConfig(look: Lookup): JsonObject {
  const at = (name: string): string => compVisPrefixes.openClip + name;
  const layer = (i: number): string => at(`transformer.resblocks.${i}.mlp.c_fc.weight`);
  const layers = look.count(layer);
  return {
    ...textConfig(look, at("token_embedding.weight"), layer(0)),
    max_position_embeddings: look.size(at("positional_embedding"), 0),
    num_hidden_layers: layers === openClipLayers ? layers - 1 : layers,
    hidden_act: "gelu",
  };
}

function textConfig(look: Lookup, embedding: string, feedForward: string): JsonObject {
  const hidden = look.size(embedding, 1);
  return {
    architectures: ["CLIPTextModel"],
    model_type: "clip_text_model",
    vocab_size: look.size(embedding, 0),
    hidden_size: hidden,
    intermediate_size: look.size(feedForward, 0),
    num_attention_heads: Math.max(1, hidden / headWidth),
  };
}
