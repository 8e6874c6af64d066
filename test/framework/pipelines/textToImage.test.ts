import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { withSampler } from "../../../framework/diffusion/schedulerConfig.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  readParameters,
  savePipeline,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { textToImage } from "../../../framework/pipelines/textToImage.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/stable-diffusion/tiny-sd-a");
const request = { steps: 2, guidanceScale: 3, batchSize: 2 };

describe("textToImage()", () => {
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });
  after(() => tf.setBackend("cpu"));

  it("makes one image for each prompt and seed, whatever the batch", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const prompts = ["a cat", "a dog", "a cat"];
    const all = await generator.generate({ ...request, prompts, seeds: [1, 2, 3] });
    expect(all.shape).to.deep.equal([3, 3, 16, 16]);
    const alone = await generator.generate({ ...request, prompts: ["a cat"], seeds: [3] });
    const third = all.values.subarray(2 * 3 * 16 * 16);
    // Batched and single products round differently: a few float32 units on values up to 1.
    alone.values.forEach((value, i) => expect(value).to.be.closeTo(third[i]!, 1e-4));
    const first = all.values.subarray(0, 3 * 16 * 16);
    expect(Math.max(...first.map((value, i) => Math.abs(value - third[i]!)))).to.be.above(0.01);
    generator.dispose();
    disposePipeline(components);
  });

  it("draws the noise of eta from each image's seed", async () => {
    const components = loadPipeline(folder);
    const scheduler = withSampler(components.scheduler, "DDIMScheduler");
    const generator = textToImage({ ...components, scheduler }, compile);
    const made = async (eta: number, seeds: number[]): Promise<Float32Array> => {
      const prompts = seeds.map(() => "a cat");
      return Float32Array.from(
        (await generator.generate({ ...request, eta, prompts, seeds })).values,
      );
    };
    const [plain, noisy, other] = [await made(0, [1]), await made(1, [1]), await made(1, [7, 1])];
    const distance = (a: Float32Array, b: Float32Array): number =>
      Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
    expect(distance(plain, noisy)).to.be.above(0.01);
    expect(distance(noisy, other.subarray(noisy.length))).to.be.below(1e-4);
    generator.dispose();
    disposePipeline(components);
  });

  it("refuses prompts without seeds", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const error = await generator
      .generate({ prompts: ["a", "b"], seeds: [1] })
      .catch((reason: unknown) => reason);
    expect(String(error)).to.include("got 2 prompts and 1 seeds");
    generator.dispose();
    disposePipeline(components);
  });
});

describe("savePipeline()", () => {
  const temporary = temporaryFolder();

  it("writes what loadPipeline() reads back, to the bit in full precision", async () => {
    const components = loadPipeline(folder);
    await savePipeline(temporary.path("copy"), components, "F32");
    const copy = loadPipeline(temporary.path("copy"));
    for (const part of ["unet", "vae", "textEncoder"] as const) {
      const written = await readParameters(components[part].model.parameters);
      const read = await readParameters(copy[part].model.parameters);
      expect([...read.keys()]).to.deep.equal([...written.keys()]);
      for (const [name, { values }] of written) {
        expect(read.get(name)!.values, name).to.deep.equal(values);
      }
    }
    expect(copy.scheduler).to.deep.equal(components.scheduler);
    expect(copy.tokenizer.encode("a cat")).to.deep.equal(components.tokenizer.encode("a cat"));
    disposePipeline(components);
    disposePipeline(copy);
  });
});
