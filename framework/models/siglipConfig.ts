import { readClipLayerConfig, type ClipLayerConfig } from "./clipLayerConfig.ts";
import { ModelConfigReader } from "./modelConfig.ts";

/** The keys of transformers' `vision_config` that we read. */
export interface SiglipConfig extends ClipLayerConfig {
  /** Side of the largest square pictures, in pixels. */
  image_size: number;
  /** Side of the squares that a picture is cut into. */
  patch_size: number;
  num_channels: number;
  /** Deviation of the first embeddings of patches and positions. */
  initializer_range: number;
}

/** What transformers leaves out of a `vision_config` because it is the class's own. */
const defaults = {
  hidden_size: 1152,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 16,
  hidden_act: "gelu_pytorch_tanh",
  layer_norm_eps: 1e-6,
};

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readSiglipConfig(config: unknown): SiglipConfig {
  const read = new ModelConfigReader("SigLIP's vision tower", { ...defaults, ...Object(config) });
  read.unsupported("use_resampler", false);
  const image_size = read.integer("image_size", 224);
  const patch_size = read.integer("patch_size", 32);
  if (image_size % patch_size !== 0) {
    throw read.problem("patch_size", `a divisor of image_size ${image_size}`);
  }
  return {
    ...readClipLayerConfig(read),
    image_size,
    patch_size,
    num_channels: read.integer("num_channels", 3),
    initializer_range: read.number("initializer_range", 0.02),
  };
}
