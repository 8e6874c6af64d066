import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { compositeOn, readImage, resizeImage, rgbImage, type RgbImage } from "seedbed";

import { createScorer } from "../../../../experiments/dreambooth/evaluator/evaluator.ts";
import type { FeatureExtractor } from "../../../../experiments/dreambooth/evaluator/featureExtractor.ts";
import { withCentre } from "../../../../experiments/dreambooth/evaluator/features.ts";
import { startMobileNet } from "../../../../experiments/dreambooth/evaluator/mobileNet.ts";

describe("startMobileNet()", function () {
  this.timeout(120_000); // takes 2 s, but starts a thread and a network on a machine that may be busy
  let extractor: FeatureExtractor | undefined;

  before(async () => {
    extractor = await startMobileNet();
  });

  after(() => extractor?.close());

  it("knows a subject's other frame, on another background, and leaves TF.js alone", async () => {
    const frame = async (name: string, colour: [number, number, number]): Promise<RgbImage> =>
      compositeOn(await resizeImage(await readImage(`subjects/clock/${name}.png`), 64, 64), colour);
    const instance = await resizeImage(
      await readImage("subjects/clock/instance_00_f00.png"),
      64,
      64,
    );
    const { numTensors } = tf.memory();
    const scorer = createScorer(withCentre(extractor!), [instance]);
    const [other, plain] = await scorer.similarities([
      await frame("reference/reference_00_f25", [51, 85, 221]),
      rgbImage(64, 64, new Uint8Array(64 * 64 * 3).fill(255)),
    ]);
    expect(other).to.be.greaterThan(0.8);
    expect(plain).to.be.lessThan(0.3);
    expect(tf.getBackend()).to.equal("cpu");
    expect(tf.memory().numTensors).to.equal(numTensors);
  });

  it("gives the same 1792 numbers for an image in any batch", async () => {
    const images = [0, 128, 255].map((grey) => rgbImage(8, 8, new Uint8Array(192).fill(grey)));
    const together = await extractor!.extract(images);
    const [alone] = await extractor!.extract([images[1]!]);
    expect(alone!.length).to.equal(1792);
    // Matrix products may be split otherwise in another batch.
    together[1]!.forEach((value, i) => expect(value).to.be.closeTo(alone![i]!, 1e-4));
  });
});
