import { expect } from "chai";
import { describe, it } from "mocha";

import { readLora, writeLora } from "../../../framework/adapters/loraFile.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { readSafetensorsHeader, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const down = hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
const up = hostTensor(Float32Array.of(1, 2), [1, 2]);

describe("readLora()", () => {
  const temporary = temporaryFolder();

  /** A file with these tensors. */
  function fileOf(tensors: Record<string, HostTensor>, metadata: Record<string, string> = {}) {
    const file = temporary.path("lora.safetensors");
    writeSafetensors(file, Object.entries(tensors), { metadata });
    return file;
  }

  const attention = "unet.mid_block.attn1";
  const text = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj";
  for (const { names, layer } of [
    {
      names: [`${attention}.to_q.lora_A.weight`, `${attention}.to_q.lora_B.weight`],
      layer: "to_q",
    },
    {
      names: [`${attention}.to_q.lora_A.default.weight`, `${attention}.to_q.lora_B.default.weight`],
      layer: "to_q",
    },
    {
      names: [`${attention}.to_v.lora.down.weight`, `${attention}.to_v.lora.up.weight`],
      layer: "to_v",
    },
    {
      names: [
        `${attention}.processor.to_k_lora.down.weight`,
        `${attention}.processor.to_k_lora.up.weight`,
      ],
      layer: "to_k",
    },
    {
      names: [
        `${attention}.processor.to_out_lora.down.weight`,
        `${attention}.processor.to_out_lora.up.weight`,
      ],
      layer: "to_out.0",
    },
  ]) {
    it(`reads ${names[0]}`, () => {
      const layers = readLora(fileOf({ [names[0]!]: down, [names[1]!]: up }));
      expect([...layers.keys()]).to.deep.equal([`${attention}.${layer}`]);
      const { alpha, ...factors } = layers.get(`${attention}.${layer}`)!;
      expect(alpha, "the rank").to.equal(2);
      expect(factors.down.values).to.deep.equal(down.values);
      expect(factors.up.values).to.deep.equal(up.values);
    });
  }

  it("reads the older names of text encoders", () => {
    const ending = "lora_linear_layer";
    const file = fileOf({
      [`${text}.${ending}.down.weight`]: down,
      [`${text}.${ending}.up.weight`]: up,
    });
    expect([...readLora(file).keys()]).to.deep.equal([text]);
  });

  it("reads kohya's names and alpha", () => {
    const [unet, encoder] = [
      "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_out_0",
      "lora_te_text_model_encoder_layers_0_self_attn_q_proj",
    ];
    const file = fileOf({
      [`${unet}.lora_down.weight`]: down,
      [`${unet}.lora_up.weight`]: up,
      [`${unet}.alpha`]: scalar(1),
      [`${encoder}.lora_down.weight`]: down,
      [`${encoder}.lora_up.weight`]: up,
    });
    const layers = readLora(file);
    const layer = "unet.down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0";
    expect([...layers.keys()]).to.have.members([layer, text]);
    expect(layers.get(layer)!.alpha).to.equal(1);
    expect(layers.get(text)!.alpha, "the rank").to.equal(2);
  });

  const pair = { [`${text}.lora_A.weight`]: down, [`${text}.lora_B.weight`]: up };
  const header = (settings: object): Record<string, string> => ({
    lora_adapter_metadata: JSON.stringify(settings),
  });
  for (const { title, tensors = {}, metadata = {}, alpha } of [
    { title: "a tensor", tensors: { [`${text}.alpha`]: scalar(6) }, alpha: 6 },
    { title: "the header", metadata: header({ "text_encoder.lora_alpha": 12 }), alpha: 12 },
    {
      title: "the header's pattern",
      metadata: header({
        "text_encoder.lora_alpha": 12,
        "text_encoder.alpha_pattern": { "self_attn.q_proj": 3 },
      }),
      alpha: 3,
    },
    { title: "the caller", alpha: 5 },
  ]) {
    it(`takes alpha from ${title}`, () => {
      const layers = readLora(fileOf({ ...pair, ...tensors }, metadata), { alpha: 5 });
      expect(layers.get(text)!.alpha).to.equal(alpha);
    });
  }

  it("writes what it reads back, with different ranks and alphas", () => {
    const file = temporary.path("written.safetensors");
    const wide = hostTensor(Float32Array.of(1, 2, 3), [1, 3]);
    const layers = new Map([
      [text, { down, up, alpha: 8 }],
      [`${attention}.to_q`, { down, up, alpha: 4 }],
      [`${attention}.to_v`, { down: wide, up: hostTensor(Float32Array.of(7), [1, 1]), alpha: 2 }],
    ]);
    writeLora(file, layers);
    const read = readLora(file);
    expect([...read.keys()]).to.have.members([...layers.keys()]);
    for (const [name, { alpha, ...factors }] of layers) {
      expect(read.get(name)!.alpha, name).to.equal(alpha);
      expect(read.get(name)!.down.values, name).to.deep.equal(factors.down.values);
    }
    const { lora_adapter_metadata: json } = readSafetensorsHeader(file).metadata;
    expect(JSON.parse(json!)).to.deep.equal({
      "text_encoder.r": 2,
      "text_encoder.lora_alpha": 8,
      "text_encoder.rank_pattern": {},
      "text_encoder.alpha_pattern": {},
      "text_encoder.target_modules": [text.slice("text_encoder.".length)],
      "unet.r": 2,
      "unet.lora_alpha": 4,
      "unet.rank_pattern": { "mid_block.attn1.to_v": 1 },
      "unet.alpha_pattern": { "mid_block.attn1.to_v": 2 },
      "unet.target_modules": ["mid_block.attn1.to_q", "mid_block.attn1.to_v"],
    });
  });

  const wrong: readonly [tensors: Record<string, HostTensor>, message: string][] = [
    [{ [`${text}.lora_A.weight`]: down }, "only one of its two factors"],
    [{ ...pair, [`${text}.lora_magnitude_vector`]: up }, "lora_magnitude_vector"],
    [{ [`${text}.lora_A.weight`]: down, [`${text}.lora_B.weight`]: down }, "rank 2 and 3"],
  ];
  for (const [tensors, message] of wrong) {
    it(`refuses a file: ${message}`, () => {
      const file = fileOf(tensors);
      expect(() => readLora(file)).to.throw(InputError, message);
      expect(() => readLora(file)).to.throw(InputError, file);
    });
  }

  it("refuses metadata that is not JSON", () => {
    const file = fileOf(pair, { lora_adapter_metadata: "{" });
    expect(() => readLora(file)).to.throw(InputError, "lora_adapter_metadata is not JSON");
  });
});

function scalar(value: number): HostTensor {
  return hostTensor(Float32Array.of(value), []);
}
