import { InputError } from "../../base/errors.ts";
import type { JsonObject } from "../jsonFile.ts";
import { below, RenamedModules, type ModulePair } from "./renamedModules.ts";

/** What decides the numbers of a UNet's modules. */
export interface UnetLayout {
  /** Whether each level on the way down has transformers, and each on the way up. */
  readonly down: readonly boolean[];
  readonly up: readonly boolean[];
  /** Residual blocks of a level on the way down; one more on the way up. */
  readonly layers: number;
}

/**
 * Module paths of diffusers and of the original code (CompVis's `latent-diffusion`), below
 * `model.diffusion_model`. The original numbers all blocks through, and the parts of each.
 *
 * Source: ldm/modules/diffusionmodules/openaimodel.py, `UNetModel`.
 */
export function unetNames({ down, up, layers }: UnetLayout): RenamedModules {
  const pairs: ModulePair[] = [
    ["conv_in", "input_blocks.0.0"],
    ["time_embedding.linear_1", "time_embed.0"],
    ["time_embedding.linear_2", "time_embed.2"],
    ["conv_norm_out", "out.0"],
    ["conv_out", "out.2"],
    ...residual(["mid_block.resnets.0", "middle_block.0"]),
    ["mid_block.attentions.0", "middle_block.1"],
    ...residual(["mid_block.resnets.1", "middle_block.2"]),
  ];
  for (const [level, attends] of down.entries()) {
    const ours = `down_blocks.${level}`;
    const first = 1 + level * (layers + 1);
    for (let i = 0; i < layers; i++) {
      pairs.push(...block(ours, i, `input_blocks.${first + i}`, attends));
    }
    pairs.push([`${ours}.downsamplers.0.conv`, `input_blocks.${first + layers}.0.op`]);
  }
  for (const [level, attends] of up.entries()) {
    const ours = `up_blocks.${level}`;
    const first = level * (layers + 1);
    for (let i = 0; i <= layers; i++) {
      pairs.push(...block(ours, i, `output_blocks.${first + i}`, attends));
    }
    const upsampler = `output_blocks.${first + layers}.${attends ? 2 : 1}.conv`;
    pairs.push([`${ours}.upsamplers.0.conv`, upsampler]);
  }
  return new RenamedModules(pairs);
}

/** A residual block and what may follow it. */
function block(ours: string, index: number, theirs: string, attends: boolean): ModulePair[] {
  const pairs = residual([`${ours}.resnets.${index}`, `${theirs}.0`]);
  return attends ? [...pairs, [`${ours}.attentions.${index}`, `${theirs}.1`]] : pairs;
}

function residual(pair: ModulePair): ModulePair[] {
  return below(pair, {
    norm1: "in_layers.0",
    conv1: "in_layers.2",
    time_emb_proj: "emb_layers.1",
    norm2: "out_layers.0",
    conv2: "out_layers.3",
    conv_shortcut: "skip_connection",
  });
}

/**
 * The layout that a diffusers `unet/config.json` describes.
 *
 * @throws {InputError} for levels of different depth, which the original does not have
 */
export function unetLayoutOf(config: JsonObject): UnetLayout {
  const attends = (key: string): boolean[] => {
    const types = config[key];
    return Array.isArray(types) ? types.map((type) => String(type).includes("Attn")) : [];
  };
  const given = config["layers_per_block"] ?? 2;
  const layers = new Set<unknown>(Array.isArray(given) ? given : [given]);
  const [depth] = layers;
  if (layers.size !== 1 || typeof depth !== "number") {
    throw new InputError(
      `Cannot convert a UNet: expected one number of layers_per_block, got ${JSON.stringify(given)}`,
    );
  }
  return { down: attends("down_block_types"), up: attends("up_block_types"), layers: depth };
}
