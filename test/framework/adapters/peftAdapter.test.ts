import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import {
  peftPrefix,
  readPeftAdapter,
  writePeftAdapter,
} from "../../../framework/adapters/peftAdapter.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { readSafetensorsHeader, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const down = hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
const up = hostTensor(Float32Array.of(1, 2), [1, 2]);
const attention = "model.layers.0.self_attn";

describe("writePeftAdapter()", () => {
  const temporary = temporaryFolder();
  const wide = {
    down: hostTensor(Float32Array.of(1, 2, 3), [1, 3]),
    up: hostTensor(Float32Array.of(7), [1, 1]),
  };
  const layers = new Map([
    [`${peftPrefix}.${attention}.q_proj`, { down, up, alpha: 8 }],
    [`${peftPrefix}.${attention}.v_proj`, { ...wide, alpha: 2 }],
  ]);

  it("writes peft's names and settings, and what differs as patterns", () => {
    const folder = temporary.path("adapter");
    writePeftAdapter(folder, layers, { baseModel: "teacher/model", taskType: "CAUSAL_LM" });
    const { tensors, metadata } = readSafetensorsHeader(`${folder}/adapter_model.safetensors`);
    expect([...tensors.keys()]).to.have.members([
      "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
      "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
      "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight",
      "base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight",
    ]);
    expect(metadata).to.deep.equal({ format: "pt" });
    const config: unknown = JSON.parse(readFileSync(`${folder}/adapter_config.json`, "utf8"));
    expect(config).to.deep.include({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      base_model_name_or_path: "teacher/model",
      r: 2,
      lora_alpha: 8,
      rank_pattern: { [`${attention}.v_proj`]: 1 },
      alpha_pattern: { [`${attention}.v_proj`]: 2 },
      target_modules: [`${attention}.q_proj`, `${attention}.v_proj`],
      bias: "none",
    });
  });

  it("writes what readPeftAdapter() reads back", () => {
    const folder = temporary.path("adapter");
    writePeftAdapter(folder, layers, { baseModel: "teacher/model" });
    const read = readPeftAdapter(folder);
    expect(read.baseModel).to.equal("teacher/model");
    expect([...read.layers.keys()]).to.have.members([...layers.keys()]);
    for (const [name, { alpha, ...factors }] of layers) {
      expect(read.layers.get(name)!.alpha, name).to.equal(alpha);
      expect([...read.layers.get(name)!.down.values]).to.deep.equal([...factors.down.values]);
      expect([...read.layers.get(name)!.up.values]).to.deep.equal([...factors.up.values]);
    }
  });

  it("refuses layers that are not named as peft's", () => {
    const strange = new Map([["unet.to_q", { down, up, alpha: 1 }]]);
    expect(() => writePeftAdapter(temporary.path("adapter"), strange)).to.throw(
      RangeError,
      "expected layers of base_model.model, got unet.to_q",
    );
  });
});

describe("readPeftAdapter()", () => {
  const temporary = temporaryFolder();

  function folderOf(config: object, names = ["lora_A.weight", "lora_B.weight"]): string {
    const layer = `${peftPrefix}.${attention}.q_proj`;
    const tensors = names.map((name, i) => [`${layer}.${name}`, i === 0 ? down : up] as const);
    writeSafetensors(temporary.path("adapter_model.safetensors"), tensors, {});
    temporary.write({ "adapter_config.json": JSON.stringify({ peft_type: "LORA", ...config }) });
    return temporary.path();
  }

  const alphaIn = (config: object): number =>
    [...readPeftAdapter(folderOf(config)).layers.values()][0]!.alpha;

  for (const [title, config, alpha] of [
    ["of all", { lora_alpha: 6 }, 6],
    ["of the layer's own pattern", { lora_alpha: 6, alpha_pattern: { q_proj: 3 } }, 3],
    ["the rank, where nothing is said", {}, 2],
    ["for the root of the rank", { lora_alpha: 6, use_rslora: true }, 6 * Math.SQRT2],
  ] as const) {
    it(`takes alpha ${title}`, () => expect(alphaIn(config)).to.be.closeTo(alpha, 1e-12));
  }

  for (const [config, message] of [
    [{ peft_type: "IA3" }, 'key "peft_type": expected "LORA", got "IA3"'],
    [{ use_dora: true }, 'key "use_dora": expected false, got true'],
    [{ bias: "all" }, 'key "bias": expected "none", got "all"'],
    [{ modules_to_save: ["lm_head"] }, 'key "modules_to_save": expected null, got ["lm_head"]'],
  ] as const) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      const folder = folderOf(config);
      expect(() => readPeftAdapter(folder)).to.throw(InputError, message);
    });
  }

  it("refuses a tensor that is no factor, and a folder without settings", () => {
    const folder = folderOf({}, ["lora_A.weight", "lora_magnitude_vector"]);
    expect(() => readPeftAdapter(folder)).to.throw(InputError, "lora_magnitude_vector");
    expect(() => readPeftAdapter(temporary.path("none"))).to.throw(
      InputError,
      "adapter_config.json",
    );
  });
});
