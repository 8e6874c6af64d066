import type { HostTensor } from "../../base/hostTensor.ts";
import type { JsonObject } from "../jsonFile.ts";
import { lazyTensor, type StoredTensor } from "../storedTensor.ts";
import { autoencoderNames } from "./autoencoderNames.ts";
import { fromOpenClip, toOpenClip } from "./openClip.ts";
import type { RenamedModules } from "./renamedModules.ts";
import { unetLayoutOf, unetNames } from "./unetNames.ts";

/** A value for each model of a pipeline. */
export interface PerModel<Value> {
  readonly unet: Value;
  readonly vae: Value;
  readonly textEncoder: Value;
}

/** Where the models are in a checkpoint of the original code. */
export const compVisPrefixes = {
  unet: "model.diffusion_model.",
  vae: "first_stage_model.",
  /** Stable Diffusion 1: CLIP, as transformers names it. */
  clip: "cond_stage_model.transformer.",
  /** Stable Diffusion 2: OpenCLIP. */
  openClip: "cond_stage_model.model.",
} as const;

/** Averages of the UNet's weights, beside them. */
const emaPrefix = "model_ema.";

/** Constants of the noise schedule, the autoencoder's discriminator, and averages. */
const notModels =
  /^(betas|alphas_cumprod|alphas_cumprod_prev|sqrt_.*|log_one_minus_alphas_cumprod|posterior_.*|lvlb_weights|logvar|scale_factor|model_ema\..*|first_stage_model\.loss\..*)$/;

export interface FromCompVisOptions {
  /** Which of the UNet's weights: those of the last step, or their average. Default: `raw`. */
  weights?: "raw" | "ema";
}

/** Whether the text encoder is OpenCLIP's, as in Stable Diffusion 2. */
export function hasOpenClip(tensors: ReadonlyMap<string, unknown>): boolean {
  return [...tensors.keys()].some((name) => name.startsWith(compVisPrefixes.openClip));
}

/**
 * The models of a checkpoint of the original code (CompVis, Stability AI and what is derived from
 * it), under the names of diffusers and transformers. A tensor that no model has keeps its name, so
 * that strict loading lists it; it is put with the UNet if it belongs to none.
 *
 * @param configs the models' `config.json`
 */
export function fromCompVis(
  tensors: ReadonlyMap<string, StoredTensor>,
  configs: PerModel<JsonObject>,
  { weights = "raw" }: FromCompVisOptions = {},
): PerModel<Map<string, StoredTensor>> {
  const [unet, vae] = [new Map<string, StoredTensor>(), new Map<string, StoredTensor>()];
  const names = namesOf(configs);
  const clip = new Map<string, StoredTensor>();
  const openClip = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const inside = (prefix: string): string | undefined =>
      name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
    const unetName = inside(compVisPrefixes.unet);
    const vaeName = inside(compVisPrefixes.vae);
    const clipName = inside(compVisPrefixes.clip);
    const openClipName = inside(compVisPrefixes.openClip);
    if (notModels.test(name)) continue;
    if (unetName !== undefined) {
      const average = weights === "ema" ? tensors.get(averageName(name)) : undefined;
      unet.set(names.unet.toOurs(unetName) ?? name, average ?? tensor);
    } else if (vaeName !== undefined) {
      const ours = names.vae.toOurs(vaeName);
      vae.set(ours ?? name, isPointwise(ours, tensor) ? flat(tensor) : tensor);
    } else if (clipName !== undefined) clip.set(clipName, tensor);
    else if (openClipName !== undefined) openClip.set(openClipName, tensor);
    else unet.set(name, tensor);
  }
  const layers = Number(configs.textEncoder["num_hidden_layers"]);
  return { unet, vae, textEncoder: openClip.size > 0 ? fromOpenClip(openClip, layers) : clip };
}

/** How the original names the average of a weight: without dots. */
function averageName(name: string): string {
  return emaPrefix + name.slice("model.".length).replaceAll(".", "");
}

/** Whether the checkpoint has averages of the UNet's weights. */
export function hasAverages(tensors: ReadonlyMap<string, unknown>): boolean {
  return [...tensors.keys()].some((name) => name.startsWith(`${emaPrefix}diffusion_model`));
}

/**
 * One checkpoint with the names and shapes of the original code.
 *
 * @param configs the models' `config.json`
 * @param openClip whether the text encoder gets OpenCLIP's names, as in Stable Diffusion 2
 */
export function toCompVis(
  models: PerModel<ReadonlyMap<string, HostTensor>>,
  configs: PerModel<JsonObject>,
  { openClip }: { openClip: boolean },
): Map<string, HostTensor> {
  const names = namesOf(configs);
  const result = new Map<string, HostTensor>();
  for (const [name, tensor] of models.unet) {
    result.set(compVisPrefixes.unet + (names.unet.toTheirs(name) ?? name), tensor);
  }
  for (const [name, tensor] of models.vae) {
    const theirs = compVisPrefixes.vae + (names.vae.toTheirs(name) ?? name);
    result.set(theirs, isPointwise(name, tensor) ? asConvolution(tensor) : tensor);
  }
  const text = openClip ? toOpenClip(models.textEncoder) : models.textEncoder;
  for (const [name, tensor] of text) {
    result.set((openClip ? compVisPrefixes.openClip : compVisPrefixes.clip) + name, tensor);
  }
  return result;
}

function namesOf({ unet, vae }: PerModel<JsonObject>): {
  unet: RenamedModules;
  vae: RenamedModules;
} {
  const levels = vae["block_out_channels"];
  return {
    unet: unetNames(unetLayoutOf(unet)),
    vae: autoencoderNames(
      Array.isArray(levels) ? levels.length : 0,
      Number(vae["layers_per_block"] ?? 1),
    ),
  };
}

/** The original's attention in the autoencoder is made of 1 x 1 convolutions. */
function isPointwise(ours: string | undefined, { shape }: HostTensor): boolean {
  return ours !== undefined && /\.attentions\.0\.to_.*\.weight$/.test(ours) && shape.length > 1;
}

function flat(tensor: StoredTensor): StoredTensor {
  const { dtype, shape } = tensor;
  return lazyTensor({ dtype, shape: shape.slice(0, 2) }, () => tensor.values);
}

function asConvolution({ shape, values }: HostTensor): HostTensor {
  return { shape: [...shape.slice(0, 2), 1, 1], values };
}
