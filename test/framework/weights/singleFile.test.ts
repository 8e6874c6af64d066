import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { readSingleFile } from "../../../framework/weights/singleFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const unet = "model.diffusion_model";
const clip = "cond_stage_model.transformer.text_model";
const openClip = "cond_stage_model.model";
const resBlock = (name: string, inputs: number, outputs: number): [string, number[]][] => [
  [`${name}.in_layers.2.weight`, [outputs, inputs, 3, 3]],
  [`${name}.out_layers.3.weight`, [outputs, outputs, 3, 3]],
];

/** Two levels of a UNet, the second of which has no transformers on the way down. */
function unetShapes(context: number, projection: number[]): [string, number[]][] {
  const attends = (name: string): [string, number[]] => [
    `${name}.transformer_blocks.0.attn2.to_k.weight`,
    [64, context],
  ];
  return [
    [`${unet}.input_blocks.0.0.weight`, [64, 9, 3, 3]],
    ...resBlock(`${unet}.input_blocks.1.0`, 64, 64),
    attends(`${unet}.input_blocks.1.1`),
    [`${unet}.input_blocks.2.0.op.weight`, [64, 64, 3, 3]],
    ...resBlock(`${unet}.input_blocks.3.0`, 64, 128),
    attends(`${unet}.middle_block.1`),
    [`${unet}.middle_block.1.proj_in.weight`, projection],
    ...resBlock(`${unet}.output_blocks.0.0`, 256, 128),
    attends(`${unet}.output_blocks.2.1`),
    [`${unet}.out.2.weight`, [4, 64, 3, 3]],
  ];
}

const vaeShapes: [string, number[]][] = [
  ["first_stage_model.encoder.conv_in.weight", [32, 3, 3, 3]],
  ["first_stage_model.encoder.down.0.block.0.conv1.weight", [32, 32, 3, 3]],
  ["first_stage_model.encoder.down.0.block.1.conv1.weight", [32, 32, 3, 3]],
  ["first_stage_model.encoder.down.1.block.0.conv1.weight", [64, 32, 3, 3]],
  ["first_stage_model.decoder.conv_out.weight", [3, 32, 3, 3]],
  ["first_stage_model.post_quant_conv.weight", [4, 4, 1, 1]],
];

const version1: [string, number[]][] = [
  ...unetShapes(128, [128, 128, 1, 1]),
  ...vaeShapes,
  [`${clip}.embeddings.token_embedding.weight`, [9, 128]],
  [`${clip}.embeddings.position_embedding.weight`, [77, 128]],
  [`${clip}.encoder.layers.0.mlp.fc1.weight`, [256, 128]],
];

const version2: [string, number[]][] = [
  ...unetShapes(64, [128, 128]),
  ...vaeShapes,
  [`${openClip}.token_embedding.weight`, [9, 64]],
  [`${openClip}.positional_embedding`, [77, 64]],
  [`${openClip}.text_projection`, [64, 64]],
  ...Array.from({ length: 24 }, (_, i): [string, number[]] => [
    `${openClip}.transformer.resblocks.${i}.mlp.c_fc.weight`,
    [256, 64],
  ]),
];

function zeros(shapes: readonly (readonly [string, number[]])[]): [string, HostTensor][] {
  return shapes.map(([name, shape]) => [name, hostTensor(new Float32Array(sizeOf(shape)), shape)]);
}

describe("readSingleFile()", () => {
  const folder = temporaryFolder();

  function write(shapes: readonly (readonly [string, number[]])[]): string {
    folder.write({ "tokenizer/vocab.json": "{}" });
    writeSafetensors(folder.path("m.safetensors"), zeros(shapes));
    return folder.path("m.safetensors");
  }

  it("tells Stable Diffusion 1 and its settings from shapes", () => {
    const parts = readSingleFile(write(version1));
    expect(parts.unet.config).to.deep.include({
      in_channels: 9,
      out_channels: 4,
      block_out_channels: [64, 128],
      down_block_types: ["CrossAttnDownBlock2D", "DownBlock2D"],
      up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D"],
      layers_per_block: 1,
      attention_head_dim: 8,
      cross_attention_dim: 128,
      use_linear_projection: false,
    });
    expect(parts.vae.config).to.deep.include({
      block_out_channels: [32, 64],
      layers_per_block: 2,
      latent_channels: 4,
    });
    expect(parts.textEncoder.config).to.deep.include({
      vocab_size: 9,
      hidden_size: 128,
      intermediate_size: 256,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      hidden_act: "quick_gelu",
    });
    expect(parts.schedulerConfig["prediction_type"]).to.equal("epsilon");
    expect(parts.tokenizerFolder).to.equal(folder.path("tokenizer"));
  });

  it("tells Stable Diffusion 2, whose last layer of text is not used", () => {
    const parts = readSingleFile(write(version2));
    expect(parts.unet.config).to.deep.include({
      attention_head_dim: [1, 2],
      cross_attention_dim: 64,
      use_linear_projection: true,
    });
    expect(parts.textEncoder.config).to.deep.include({
      num_hidden_layers: 23,
      hidden_act: "gelu",
    });
    expect([...parts.textEncoder.tensors.keys()]).to.include(
      "text_model.encoder.layers.22.mlp.fc1.weight",
    );
    expect(parts.textEncoder.tensors.size).to.equal(25);
    expect(parts.schedulerConfig["prediction_type"]).to.equal("v_prediction");
    const base = readSingleFile(write(version2), { predictionType: "epsilon" });
    expect(base.schedulerConfig["prediction_type"]).to.equal("epsilon");
  });

  it("prefers settings that it is given", () => {
    const settings = folder.path("settings");
    folder.write({
      "settings/unet/config.json": '{"down_block_types": ["DownBlock2D"]}',
      "settings/scheduler/scheduler_config.json": '{"prediction_type": "sample"}',
      "settings/tokenizer/vocab.json": "{}",
    });
    const parts = readSingleFile(write(version1), { settings });
    expect(parts.unet.config).to.deep.equal({ down_block_types: ["DownBlock2D"] });
    expect(parts.vae.config["layers_per_block"]).to.equal(2);
    expect(parts.schedulerConfig).to.deep.equal({ prediction_type: "sample" });
    expect(parts.tokenizerFolder).to.equal(folder.path("settings/tokenizer"));
  });

  it("takes the UNet's averages on request", () => {
    const average = hostTensor(new Float32Array(4 * 64 * 9).fill(2), [4, 64, 3, 3]);
    const file = write(version1);
    writeSafetensors(file, [
      ...zeros(version1),
      ["model_ema.diffusion_modelout2weight", average],
      ["model_ema.decay", hostTensor(Float32Array.of(1), [])],
    ]);
    const first = (weights: "raw" | "ema"): number | undefined =>
      readSingleFile(file, { weights }).unet.tensors.get("conv_out.weight")?.values[0];
    expect([first("raw"), first("ema")]).to.deep.equal([0, 2]);
    expect(() => readSingleFile(write(version1), { weights: "ema" })).to.throw(
      InputError,
      "expected averaged weights model_ema.*, got none",
    );
  });

  it("skips constants and keeps what no model has under its name", () => {
    const { unet: component } = readSingleFile(
      write([...version1, ["betas", [2]], ["control_model.x", [1]], [`${unet}.label_emb.x`, [1]]]),
    );
    expect([...component.tensors.keys()]).to.include.members([
      "control_model.x",
      `${unet}.label_emb.x`,
    ]);
    expect([...component.tensors.keys()]).to.not.include("betas");
  });

  it("refuses other files, and one without a tokenizer", () => {
    expect(() => readSingleFile(write([["weight", [1]]]))).to.throw(
      InputError,
      "expected a checkpoint of Stable Diffusion 1 or 2 with model.diffusion_model.*, got weight",
    );
    expect(() => readSingleFile(write(version1.slice(1)))).to.throw(
      InputError,
      "input_blocks.0.0.weight is missing",
    );
    const file = write(version1);
    expect(() => readSingleFile(file, { settings: folder.path("none") })).to.throw(
      InputError,
      "it holds no tokenizer, and there is no",
    );
  });
});
