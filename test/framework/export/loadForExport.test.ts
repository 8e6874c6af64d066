import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { writeLearnedEmbeddings } from "../../../framework/adapters/learnedEmbeddings.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import {
  loadForExport,
  type LoadForExportOptions,
} from "../../../framework/export/loadForExport.ts";
import { pipelineParameters } from "../../../framework/export/restorePipeline.ts";
import { disposePipeline } from "../../../framework/pipelines/pipelineComponents.ts";
import { storedRun, type StoredRunOptions } from "../../support/storedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model = "test/fixtures/stable-diffusion/tiny-sd-a";
const lora = `${model}/lora/pytorch_lora_weights.safetensors`;
const trained = "unet.conv_out.bias";
const raw = { [trained]: [1, 2, 3, 4] };
const averages = { [trained]: [5, 6, 7, 8] };

describe("loadForExport()", () => {
  const folder = temporaryFolder();

  /** Values of a parameter, and which weights they are. */
  async function load(
    name: string,
    options: LoadForExportOptions = {},
    run?: StoredRunOptions,
  ): Promise<{ values: number[]; weights: string | undefined }> {
    const stored = run && storedRun(folder.path("runs"), run);
    const { components, weights } = loadForExport(
      { model, ...(stored && { checkpoint: stored.checkpoint }) },
      options,
    );
    try {
      const variable: tf.Variable = pipelineParameters(components).get(name)!;
      return { values: [...variable.dataSync()], weights };
    } finally {
      disposePipeline(components);
    }
  }

  async function refused(options: LoadForExportOptions, run?: StoredRunOptions): Promise<string> {
    const error: unknown = await load(trained, options, run).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(InputError);
    return String(error);
  }

  it("takes a run's average where there is one, or what is asked for", async () => {
    const run = { parameters: raw, averages };
    expect(await load(trained, {}, run)).to.deep.equal({ values: [5, 6, 7, 8], weights: "ema" });
    expect(await load(trained, { weights: "raw" }, run)).to.deep.equal({
      values: [1, 2, 3, 4],
      weights: "raw",
    });
  });

  it("takes the last weights where there is no average", async () => {
    const run = { parameters: raw };
    expect(await load(trained, {}, run)).to.deep.equal({ values: [1, 2, 3, 4], weights: "raw" });
    expect(await refused({ weights: "ema" }, run)).to.include("no callback weightAveraging");
  });

  it("leaves what was not trained as the model has it", async () => {
    const untrained = "vae.quant_conv.bias";
    const { values } = await load(untrained, {}, { parameters: raw });
    expect(values).to.deep.equal((await load(untrained)).values);
  });

  it("refuses a choice where there is none", async () => {
    expect(await refused({ weights: "ema" })).to.include(
      "a pipeline folder has one set of weights",
    );
    const run = { parameters: raw, weightsOnly: true } as const;
    expect(await refused({ weights: "ema" }, run)).to.include("leave --weights out");
    expect((await load(trained, {}, run)).values).to.deep.equal([1, 2, 3, 4]);
  });

  it("refuses a checkpoint of something else", async () => {
    const message = await refused({}, { parameters: { "encoder.conv_in.bias": [1] } });
    expect(message).to.include("expected parameters unet.* and text_encoder.* of a pipeline");
    expect(await refused({}, { parameters: { [trained]: [1, 2] } })).to.include(trained);
  });

  it("merges LoRA by its scale", async () => {
    const name = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight";
    const plain = (await load(name)).values;
    const change = async (scale: number): Promise<number[]> => {
      const { values } = await load(name, { loras: [{ file: lora, scale }] });
      return values.map((value, i) => value - plain[i]!);
    };
    const [whole, half] = [await change(1), await change(0.5)];
    expect(Math.max(...whole.map(Math.abs))).to.be.above(1e-3);
    half.forEach((each, i) => expect(each).to.be.closeTo(whole[i]! / 2, 1e-6));
    expect(await refused({ loras: [{ file: "none.safetensors", scale: 1 }] })).to.include("none");
  });

  it("takes learned tokens from a file into the vocabulary", async () => {
    const file = folder.path("learned_embeds.safetensors");
    const vectors = hostTensor(new Float32Array(32).fill(0.5), [1, 32]);
    writeLearnedEmbeddings(file, new Map([["<pet>", vectors]]));
    const { components } = loadForExport({ model }, { embeddings: file });
    const { textEncoder, tokenizer } = components;
    const table = textEncoder.model.parameters.get("text_model.embeddings.token_embedding.weight")!;
    expect([...tokenizer.textIds("<pet>")]).to.deep.equal([table.shape[0]! - 1]);
    expect([...table.dataSync()].slice(-32)).to.deep.equal([...vectors.values]);
    disposePipeline(components);

    writeLearnedEmbeddings(file, new Map([["<pet>", hostTensor(new Float32Array(2), [1, 2])]]));
    expect(await refused({ embeddings: file })).to.include(
      'Cannot use learned tokens learned_embeds.safetensors: Cannot add token "<pet>": expected vectors [count, 32], got [1, 2]',
    );
  });
});
