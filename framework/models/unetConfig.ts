import { ModelConfigReader } from "./modelConfig.ts";

const downBlockTypes = ["DownBlock2D", "CrossAttnDownBlock2D", "AttnDownBlock2D"] as const;
const upBlockTypes = ["UpBlock2D", "CrossAttnUpBlock2D", "AttnUpBlock2D"] as const;
const timeScaleShifts = ["default", "scale_shift"] as const;

/** The keys of diffusers' `unet/config.json` that we read. */
export interface UnetConfig {
  in_channels: number;
  out_channels: number;
  /** Channels of each level; each level but the last halves height and width. */
  block_out_channels: number[];
  down_block_types: (typeof downBlockTypes)[number][];
  up_block_types: (typeof upBlockTypes)[number][];
  /** Residual blocks of each level on the way down; one more on the way up. */
  layers_per_block: number[];
  /** Transformer blocks after each residual block, by level. */
  transformer_layers_per_block: number[];
  /**
   * Attention heads of each level. The published key means the number of heads, not their size;
   * `num_attention_heads` is the same and wins where it is given.
   */
  attention_head_dim: number[];
  /** Channels of a head in blocks of self-attention alone, where `attention_head_dim` means that. */
  self_attention_head_width: number[];
  cross_attention_dim: number;
  norm_num_groups: number;
  norm_eps: number;
  use_linear_projection: boolean;
  flip_sin_to_cos: boolean;
  freq_shift: number;
  conv_in_kernel: number;
  conv_out_kernel: number;
  /** How the time reaches residual blocks: added, or as a scale and a shift. */
  resnet_time_scale_shift: (typeof timeScaleShifts)[number];
  /** `text` adds one vector for the whole text to the time embedding. */
  addition_embed_type: "text" | null;
  /** Heads of the attention that makes this vector. */
  addition_embed_type_num_heads: number;
}

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readUnetConfig(config: unknown): UnetConfig {
  const read = new ModelConfigReader("UNet2DConditionModel", config);
  const channels = read.integers("block_out_channels");
  const levels = channels.length;
  refuseUnsupported(read);
  const headDims = read.integerPerLevel("attention_head_dim", levels, 8);
  return {
    in_channels: read.integer("in_channels", 4),
    out_channels: read.integer("out_channels", 4),
    block_out_channels: channels,
    down_block_types: read.words("down_block_types", downBlockTypes, levels),
    up_block_types: read.words("up_block_types", upBlockTypes, levels),
    layers_per_block: read.integerPerLevel("layers_per_block", levels, 2),
    transformer_layers_per_block: read.integerPerLevel("transformer_layers_per_block", levels, 1),
    attention_head_dim: read.has("num_attention_heads")
      ? read.integerPerLevel("num_attention_heads", levels)
      : headDims,
    self_attention_head_width: headDims,
    cross_attention_dim: read.integer("cross_attention_dim", 1280),
    norm_num_groups: read.integer("norm_num_groups", 32),
    norm_eps: read.number("norm_eps", 1e-5),
    use_linear_projection: read.boolean("use_linear_projection", false),
    flip_sin_to_cos: read.boolean("flip_sin_to_cos", true),
    freq_shift: read.number("freq_shift", 0),
    conv_in_kernel: read.integer("conv_in_kernel", 3),
    conv_out_kernel: read.integer("conv_out_kernel", 3),
    resnet_time_scale_shift: read.word("resnet_time_scale_shift", timeScaleShifts, "default"),
    addition_embed_type: read.has("addition_embed_type")
      ? read.word("addition_embed_type", ["text"] as const)
      : null,
    addition_embed_type_num_heads: read.integer("addition_embed_type_num_heads", 64),
  };
}

/** Keys that change the computation in ways we do not have. */
function refuseUnsupported(read: ModelConfigReader): void {
  read.word("mid_block_type", ["UNetMidBlock2DCrossAttn"], "UNetMidBlock2DCrossAttn");
  read.unsupported("act_fn", "silu");
  read.unsupported("attention_type", "default");
  read.unsupported("center_input_sample", false);
  read.unsupported("downsample_padding", 1);
  read.unsupported("dropout", 0);
  read.unsupported("dual_cross_attention", false);
  read.unsupported("mid_block_scale_factor", 1);
  read.unsupported("only_cross_attention", false);
  read.unsupported("resnet_out_scale_factor", 1);
  read.unsupported("resnet_skip_time_act", false);
  read.unsupported("time_embedding_type", "positional");
  for (const key of [
    "class_embed_type",
    "cross_attention_norm",
    "encoder_hid_dim",
    "encoder_hid_dim_type",
    "num_class_embeds",
    "reverse_transformer_layers_per_block",
    "time_cond_proj_dim",
    "time_embedding_act_fn",
    "time_embedding_dim",
    "timestep_post_act",
  ]) {
    read.unsupported(key);
  }
}
