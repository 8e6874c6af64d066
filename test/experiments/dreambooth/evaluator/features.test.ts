import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage } from "seedbed";

import type { FeatureExtractor } from "../../../../experiments/dreambooth/evaluator/featureExtractor.ts";
import {
  dot,
  embed,
  featureCentre,
  loadFeatures,
} from "../../../../experiments/dreambooth/evaluator/features.ts";

/** Describes an image by its first three bytes: a part of two, a part of one. */
const firstBytes: FeatureExtractor = {
  name: "firstBytes",
  parts: [2, 1],
  extract: async (images) => images.map(({ data }) => Float32Array.from(data.slice(0, 3))),
  close: async () => {},
};
const image = (...bytes: [number, number, number]) => rgbImage(1, 1, Uint8Array.from(bytes));

describe("loadFeatures()", () => {
  it("falls back to histograms, and says why", async () => {
    const reasons: string[] = [];
    const { extractor, centre } = await loadFeatures(
      (reason) => reasons.push(reason),
      () => Promise.reject(new Error("package nsfwjs is not installed")),
    );
    expect(extractor.name).to.equal("hogAndColours");
    expect(centre.length).to.equal(576 + 512);
    expect(reasons).to.deep.equal([
      "package nsfwjs is not installed; using histograms of gradients and colours",
    ]);
  });
});

describe("embed()", () => {
  it("centres and normalises each part, so that parts count alike", async () => {
    const features = { extractor: firstBytes, centre: Float32Array.of(10, 10, 10) };
    const [a, b, c] = await embed(features, [
      image(13, 14, 11),
      image(10, 60, 9),
      image(10, 10, 10),
    ]);
    expect(dot(a!, a!)).to.be.closeTo(1, 1e-12);
    expect(dot(a!, b!)).to.be.closeTo((0.8 - 1) / 2, 1e-12); // cosines 0.8 and -1
    expect([...c!]).to.deep.equal([0, 0, 0]);
  });
});

describe("featureCentre()", () => {
  it("is the mean feature", async () => {
    const centre = await featureCentre(firstBytes, [image(1, 2, 3), image(3, 6, 3)]);
    expect([...centre]).to.deep.equal([2, 4, 3]);
  });
});
