import { expect } from "chai";
import { describe, it } from "mocha";

import { kohyaLayer } from "../../../framework/adapters/kohyaLayer.ts";

describe("kohyaLayer()", () => {
  for (const [name, layer] of [
    ["lora_unet_conv_in", "unet.conv_in"],
    ["lora_unet_time_embedding_linear_1", "unet.time_embedding.linear_1"],
    ["lora_unet_mid_block_resnets_1_time_emb_proj", "unet.mid_block.resnets.1.time_emb_proj"],
    ["lora_unet_down_blocks_0_downsamplers_0_conv", "unet.down_blocks.0.downsamplers.0.conv"],
    ["lora_unet_up_blocks_3_resnets_2_conv_shortcut", "unet.up_blocks.3.resnets.2.conv_shortcut"],
    [
      "lora_unet_up_blocks_1_attentions_0_transformer_blocks_0_ff_net_0_proj",
      "unet.up_blocks.1.attentions.0.transformer_blocks.0.ff.net.0.proj",
    ],
    [
      "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k",
      "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k",
    ],
    [
      "lora_te_text_model_encoder_layers_11_mlp_fc1",
      "text_encoder.text_model.encoder.layers.11.mlp.fc1",
    ],
  ] as const) {
    it(`is ${layer}`, () => {
      expect(kohyaLayer(name)).to.equal(layer);
    });
  }

  for (const name of [
    "lora_te2_text_model_encoder_layers_0_mlp_fc1",
    "lora_unet_Conv",
    "conv_in",
  ]) {
    it(`knows no layer ${name}`, () => {
      expect(kohyaLayer(name)).to.equal(undefined);
    });
  }
});
