import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { withSampler } from "../../../framework/diffusion/schedulerConfig.ts";
import { Unet } from "../../../framework/models/unet.ts";
import { readParameters } from "../../../framework/nn/readParameters.ts";
import type { GenerateRequest } from "../../../framework/pipelines/generateRequest.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import { disposePipeline, savePipeline } from "../../../framework/pipelines/pipelineComponents.ts";
import type { StartPicture } from "../../../framework/pipelines/startPicture.ts";
import { textToImage } from "../../../framework/pipelines/textToImage.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { wave } from "../../support/tensors.ts";

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

  it("guides in one call of the UNet, of twice the batch", async () => {
    const components = loadPipeline(folder);
    const { model } = components.unet;
    const forward = model.forward.bind(model);
    const batches: (number | undefined)[] = [];
    model.forward = (latents, timesteps, context) => {
      batches.push(latents.shape[0]);
      return forward(latents, timesteps, context);
    };
    const scheduler = withSampler(components.scheduler, "DDIMScheduler");
    const generator = textToImage({ ...components, scheduler }, runEagerly);
    const pair = { prompts: ["a cat", "a dog"], seeds: [1, 2], steps: 3 };
    await generator.generate({ ...pair, guidanceScale: 7.5 });
    expect(batches).to.deep.equal([4, 4, 4]);
    await generator.generate({ ...pair, guidanceScale: 1 });
    expect(batches).to.deep.equal([4, 4, 4, 2, 2, 2]);
    generator.dispose();
    disposePipeline(components);
  });

  it("is not changed by longer prompts of the same request", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const long = "cat ".repeat(100);
    const seeds = [1, 2];
    const indices: number[] = [];
    const images: HostTensor[] = [];
    const both = { ...request, prompts: [long, "a dog"], seeds };
    for await (const { index, image } of generator.stream(both)) {
      indices.push(index);
      images[index] = image;
    }
    expect(indices).to.deep.equal([1, 0]);
    const alone = async (prompt: string, seed: number): Promise<HostTensor> =>
      generator.generate({ ...request, prompts: [prompt], seeds: [seed] });
    expect(distance(await alone("a dog", 2), images[1]!)).to.equal(0);
    expect(distance(await alone("cat ".repeat(77), 1), images[0]!)).to.be.above(1e-3);
    expect(distance(await alone("a (dog:1.5)", 2), images[1]!)).to.be.above(1e-3);
    generator.dispose();
    disposePipeline(components);
  });

  it("begins with a picture, and keeps more of it the weaker it is", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const made = async (picture?: StartPicture): Promise<HostTensor> =>
      generator.generate({ ...request, steps: 10, prompts: ["a cat"], seeds: [3], picture });
    const dark = hostTensor(new Float32Array(768).fill(-1), [1, 3, 16, 16]);
    /** How much it matters which of two pictures it was. */
    const influence = async (strength: number): Promise<number> => {
      const one = await made({ pixels, strength });
      return distance(one, await made({ pixels: dark, strength }), mean);
    };
    expect(await influence(0.1)).to.be.above(2 * (await influence(1)));
    expect(distance(await made(), await made({ pixels, strength: 1 }))).to.be.above(1e-3);
    const errors = await Promise.all(
      [{ strength: 1.1 }, { strength: 0.05 }, { strength: 1, height: 32 }].map(
        async ({ strength, ...size }) =>
          generator
            .generate({
              prompts: [""],
              seeds: [1],
              steps: 10,
              picture: { pixels, strength },
              ...size,
            })
            .catch(String),
      ),
    );
    expect(errors[0]).to.include("expected a strength from 0.1 to 1");
    expect(errors[1]).to.include("got 0.05");
    expect(errors[2]).to.include("expected a picture [1, 3, 32, 16], got [1, 3, 16, 16]");
    generator.dispose();
    disposePipeline(components);
  });

  it("paints where the mask is white, and nowhere else", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const picture = { pixels, strength: 1, mask: rightHalf };
    const seeds = [1, 2];
    const made = await generator.generate({ ...request, prompts: ["a", "a"], seeds, picture });
    made.values.forEach((value, i) => {
      if (i % 16 < 8) expect(value).to.equal(pixels.values[i % 768]);
    });
    expect(distance(part(made, 0), part(made, 1))).to.be.above(0.01);
    generator.dispose();
    disposePipeline(components);
  });

  it("shows inpainting models the mask and the picture at every step", async () => {
    const components = loadPipeline(folder);
    const { config } = components.unet;
    const nine = { ...config, in_channels: 9 };
    const unet = { model: new Unet(nine, { seed: 1 }), config: nine };
    const seen: number[][] = [];
    const forward = unet.model.forward.bind(unet.model);
    unet.model.forward = (latents, timesteps, context) => {
      seen.push([...latents.slice([0, 4, 0, 0], [1, 1, 1, 8]).dataSync()]);
      return forward(latents, timesteps, context);
    };
    const scheduler = withSampler(components.scheduler, "DDIMScheduler");
    const generator = textToImage({ ...components, unet, scheduler }, runEagerly);
    const picture = { pixels, strength: 1, mask: rightHalf };
    const one = { ...request, prompts: ["a"], seeds: [1] };
    const made = await generator.generate({ ...one, picture });
    expect(seen).to.deep.equal([
      [0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0, 0, 0, 1, 1, 1, 1],
    ]);
    expect(distance(part(made, 0), pixels)).to.be.above(0.01);
    const error: unknown = await generator.generate(one).catch((reason: unknown) => reason);
    expect(String(error)).to.include("the model paints into pictures");
    generator.dispose();
    unet.model.dispose();
    disposePipeline(components);
  });

  it("decodes larger images in tiles", async () => {
    const components = loadPipeline(folder);
    const size = { height: 32, width: 24 };
    const made = async (tileSize: number): Promise<HostTensor> => {
      const generator = textToImage(components, compile, { tileSize });
      const images = await generator.generate({ ...request, ...size, prompts: ["a"], seeds: [1] });
      generator.dispose();
      return images;
    };
    const [whole, tiled] = [await made(32), await made(16)];
    expect(tiled.shape).to.deep.equal([1, 3, 32, 24]);
    // Norms and attention see a tile instead of the image.
    expect(distance(whole, tiled, mean)).to.be.within(1e-6, 0.2);
    disposePipeline(components);
  });

  it("refuses prompts without seeds, and sides that no latents have", async () => {
    const components = loadPipeline(folder);
    const generator = textToImage(components, compile);
    const refusal = async (asked: GenerateRequest): Promise<string> =>
      String(await generator.generate(asked).catch((reason: unknown) => reason));
    const one = { prompts: ["a"], seeds: [1] };
    expect(await refusal({ ...one, prompts: ["a", "b"] })).to.include("2 prompts and 1 seeds");
    const sides =
      "RangeError: Cannot generate images: height and width must be multiples of 2, got ";
    expect(await refusal({ ...one, height: 15, width: 16 })).to.include(`${sides}15 and 16`);
    expect(await refusal({ ...one, height: 16, width: 0 })).to.include(`${sides}16 and 0`);
    generator.dispose();
    disposePipeline(components);
  });
});

const pixels = hostTensor(wave([1, 3, 16, 16], 0), [1, 3, 16, 16]);
const rightHalf = hostTensor(
  Float32Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 0 : 1)),
  [1, 1, 16, 16],
);

/** One image of several. */
function part({ values, shape }: HostTensor, index: number): HostTensor {
  const size = values.length / shape[0]!;
  return hostTensor(values.slice(index * size, (index + 1) * size), [1, ...shape.slice(1)]);
}

const largest = (differences: Float32Array): number => Math.max(...differences);
const mean = (differences: Float32Array): number =>
  differences.reduce((sum, each) => sum + each, 0) / differences.length;

function distance(a: HostTensor, b: HostTensor, measure = largest): number {
  return measure(Float32Array.from(a.values, (value, i) => Math.abs(value - b.values[i]!)));
}

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
