import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  disposePipeline,
  hostTensor,
  InputError,
  loadPipeline,
  readLearnedEmbeddings,
  readLora,
  toTensor,
  type PipelineComponents,
} from "seedbed";

import type {
  InversionSettings,
  LoraSettings,
} from "../../../../experiments/dreambooth/settings/adapters.ts";
import { adaptedPipeline } from "../../../../experiments/dreambooth/trains/adaptedPipeline.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const folder = path.join(import.meta.dirname, "../../../fixtures/stable-diffusion/tiny-sd-a");
const both = { unet: true, textEncoder: true, vae: false, textEncoderUntil: null };
const lora: LoraSettings = {
  rank: 2,
  alpha: 4,
  targets: { unet: ["attn2.to_k", "conv_in"], textEncoder: ["q_proj"] },
  seed: null,
};
const inversion: InversionSettings = { token: "<pet>", initializer: "cat", vectors: 2 };

describe("adaptedPipeline()", () => {
  const temporary = temporaryFolder();
  let components: PipelineComponents;
  before(() => {
    components = loadPipeline(folder);
  });
  after(() => disposePipeline(components));

  const encode = (prompt: string, { tokenizer, textEncoder }: PipelineComponents): number[] =>
    tf.tidy(() => {
      const ids = hostTensor(tokenizer.encode(prompt, { padTo: 8 }), [1, 8]);
      return [...textEncoder.model.encode(toTensor(ids)).dataSync()];
    });

  it("adds nothing without LoRA and inversion", async () => {
    const adapted = await adaptedPipeline(
      components,
      { lora: null, inversion: null, trains: both },
      1,
    );
    expect(adapted.parameters.size).to.equal(0);
    expect(adapted.components.tokenizer).to.equal(components.tokenizer);
    adapted.dispose();
  });

  it("adds factors and vectors that change nothing yet", async () => {
    const expected = encode("a photo of cat cat", components);
    const adapted = await adaptedPipeline(components, { lora, inversion, trains: both }, 1);
    expect(encode("a photo of <pet>", adapted.components)).to.deep.equal(expected);
    expect(adapted.parameters.get("tokens.<pet>")!.shape).to.deep.equal([2, 32]);
    const names = [...adapted.parameters.keys()];
    expect(names).to.include("unet.conv_in.lora_A.weight");
    expect(names.filter((name) => name.startsWith("text_encoder."))).to.have.length(2 * 5);
    adapted.dispose();
  });

  it("has a part's changes only where the part is trained", async () => {
    const trains = { ...both, textEncoder: false };
    const adapted = await adaptedPipeline(components, { lora, inversion: null, trains }, 1);
    expect([...adapted.parameters.keys()].every((name) => name.startsWith("unet."))).to.equal(true);
    adapted.dispose();
  });

  it("takes the factors' seed from the settings, or from the run", async () => {
    const first = async (own: number | null, run: number): Promise<number[]> => {
      const settings = { lora: { ...lora, seed: own }, inversion: null, trains: both };
      const adapted = await adaptedPipeline(components, settings, run);
      const values = [...adapted.parameters.get("unet.conv_in.lora_A.weight")!.dataSync()];
      adapted.dispose();
      return values;
    };
    expect(await first(5, 1)).to.deep.equal(await first(null, 5));
    expect(await first(5, 1)).not.to.deep.equal(await first(null, 1));
  });

  it("writes the files that diffusers reads", async () => {
    const adapted = await adaptedPipeline(components, { lora, inversion, trains: both }, 1);
    const up = adapted.parameters.get("unet.conv_in.lora_B.weight")!;
    tf.tidy(() => up.assign(tf.ones(up.shape)));
    await adapted.write(temporary.path());
    const stored = readLora(temporary.path("pytorch_lora_weights.safetensors")).get(
      "unet.conv_in",
    )!;
    expect(stored.alpha).to.equal(4);
    expect([...stored.up.values]).to.deep.equal(Array.from({ length: 64 }, () => 1));
    const tokens = readLearnedEmbeddings(temporary.path("learned_embeds.safetensors"));
    expect(tokens.get("<pet>")!.shape).to.deep.equal([2, 32]);
    adapted.dispose();
  });

  const refused: [title: string, settings: object, problem: string][] = [
    [
      "a target that is no layer",
      { lora: { ...lora, targets: { ...lora.targets, unet: ["to_m"] } } },
      'Cannot use model.lora.targets.unet: Cannot add LoRA: no layer is called "to_m" (did you mean "to_q"?)',
    ],
    [
      "a token that is a word",
      { inversion: { ...inversion, token: "cat" } },
      'Cannot use model.inversion.token "cat": it is a word that the model knows; give it a name such as "<cat>"',
    ],
    [
      "a token that is in the vocabulary",
      { inversion: { ...inversion, token: "cat</w>" } },
      'Cannot use model.inversion: Cannot add token "cat</w>": it is in the vocabulary already',
    ],
  ];
  for (const [title, settings, problem] of refused) {
    it(`refuses ${title}`, async () => {
      const wanted = { lora: null, inversion: null, trains: both, ...settings };
      const error = await adaptedPipeline(components, wanted, 1).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).to.include(problem);
    });
  }
});
