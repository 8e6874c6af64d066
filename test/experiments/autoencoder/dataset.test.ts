import { expect } from "chai";
import { describe, it } from "mocha";

import { autoencoderLoaders } from "../../../experiments/autoencoder/dataset.ts";
import { syntheticData } from "../textToImage/syntheticData.ts";

describe("autoencoderLoaders()", () => {
  const { trainLoader, valLoader } = autoencoderLoaders({
    data: syntheticData(),
    size: 8,
    seed: 1,
    batchSize: 2,
  });

  it("trains on pictures in [-1, 1], the same for the same position, others elsewhere", async () => {
    expect(trainLoader.length).to.equal(1);
    const { image } = await trainLoader.batch(0, 0);
    expect(image!.shape).to.deep.equal([2, 3, 8, 8]);
    expect(Math.min(...image!.values)).to.equal(-1);
    expect(Math.max(...image!.values)).to.be.at.most(1);
    expect((await trainLoader.batch(0, 0))["image"]).to.deep.equal(image);
    expect((await trainLoader.batch(1, 0))["image"]!.values).to.not.deep.equal(image!.values);
  });

  it("validates on the validation drawings alone", async () => {
    expect(valLoader.length).to.equal(1);
    expect((await valLoader.batch(0, 0))["image"]!.shape).to.deep.equal([1, 3, 8, 8]);
  });
});
