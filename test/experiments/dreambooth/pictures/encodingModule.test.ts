import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { encodePictures } from "../../../../experiments/dreambooth/pictures/encodePictures.ts";
import { encodingModule } from "../../../../experiments/dreambooth/pictures/encodingModule.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { toTensors, type HostBatch } from "../../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { imagesToTensor } from "../../../../framework/data/imageTensors.ts";
import { stackExamples } from "../../../../framework/data/stackExamples.ts";
import { AutoencoderKl } from "../../../../framework/models/autoencoderKl.ts";
import type { StepContext } from "../../../../framework/training/stepContext.ts";
import type { TrainingModule } from "../../../../framework/training/trainingModule.ts";
import { autoencoderConfig } from "./autoencoderConfig.ts";
import { noiseCopy } from "./copies.ts";

const copies = [noiseCopy(1), noiseCopy(2)];
const context: StepContext = { loaderIndex: 0, log() {}, logDict() {} };

/** A module that only tells what it was given: latents, the numbers drawn for them, and both sums. */
const inner: TrainingModule = {
  trainableParameters: () => new Map(),
  configureOptimizers: () => {
    throw new Error("not used");
  },
  prepareBatch(batch, random) {
    const { shape, values } = batch["latents"]!;
    return { ...batch, noise: { shape, values: random.normals(values.length) } };
  },
  trainingStep: ({ latents, noise }) => ({
    loss: latents!.square().mean().asScalar(),
    product: latents!.mul(noise!).mean().asScalar(),
  }),
  validationStep: ({ latents }) => ({ "val/mean": latents!.mean().asScalar() }),
};

describe("encodingModule()", () => {
  let autoencoder: AutoencoderKl;
  beforeEach(() => {
    autoencoder = new AutoencoderKl(autoencoderConfig, { seed: 1 });
  });
  afterEach(() => autoencoder.dispose());

  const pictures = async (): Promise<HostBatch> => ({
    images: imagesToTensor([await copies[0]!.picture(), await copies[1]!.picture()]),
  });
  const latents = async (posterior: "mean" | "sample"): Promise<HostBatch> =>
    stackExamples(await encodePictures({ autoencoder, compile: runEagerly, copies, posterior }));

  /** What the inner module's step gives for a batch. */
  async function stepOn(
    batch: HostBatch,
    posterior: "mean" | "sample",
    seed = 1,
  ): Promise<{ names: string[]; numbers: number[] }> {
    const module = encodingModule(inner, autoencoder, posterior);
    const prepared = await module.prepareBatch!(batch, new RandomStream(seed, "batch"), "train");
    const numbers = tf.tidy(() => {
      const inputs = toTensors(prepared);
      const { loss, product } = module.trainingStep(inputs, context);
      const { "val/mean": mean } = module.validationStep!(inputs, context);
      return [loss, product!, mean!].map((value) => value.dataSync()[0]!);
    });
    return { names: Object.keys(prepared).toSorted(), numbers };
  }

  function expectAlike(found: readonly number[], expected: readonly number[]): void {
    for (const [i, value] of found.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-5);
  }

  it("leaves a batch of latents as it is", async () => {
    const { names, numbers } = await stepOn(await latents("mean"), "mean");
    expect(names).to.deep.equal(["latents", "noise"]);
    const plain = await inner.prepareBatch!(
      await latents("mean"),
      new RandomStream(1, "batch"),
      "train",
    );
    const { loss, product } = tf.tidy(() => {
      const outputs = inner.trainingStep(toTensors(plain), context);
      return { loss: outputs.loss.dataSync()[0], product: outputs["product"]!.dataSync()[0] };
    });
    expect(numbers.slice(0, 2)).to.deep.equal([loss, product]);
  });

  for (const posterior of ["mean", "sample"] as const) {
    it(`encodes images in the step as they would have been before: ${posterior}`, async () => {
      const inStep = await stepOn(await pictures(), posterior);
      expect(inStep.names).to.include("images").and.not.include("latents");
      expectAlike(inStep.numbers, (await stepOn(await latents(posterior), posterior)).numbers);
    });
  }

  it("draws other latents by other numbers, about the mean", async () => {
    const [first, second] = [
      await stepOn(await latents("sample"), "sample", 1),
      await stepOn(await latents("sample"), "sample", 2),
    ];
    expect(first.names, "the deviation has been used").to.deep.equal(["latents", "noise"]);
    expect(first.numbers[2]).to.not.equal(second.numbers[2]);
    const drawn = await latents("sample");
    const exact = {
      ...drawn,
      deviation: { ...drawn["deviation"]!, values: new Float32Array(256) },
    };
    expectAlike(
      [(await stepOn(exact, "sample")).numbers[2]!],
      [(await stepOn(await latents("mean"), "mean")).numbers[2]!],
    );
  });
});
