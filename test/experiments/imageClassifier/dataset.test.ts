import { expect } from "chai";
import { describe, it } from "mocha";

import { classes, classifierLoaders } from "../../../experiments/imageClassifier/dataset.ts";
import { syntheticData } from "../textToImage/syntheticData.ts";

describe("classifierLoaders()", () => {
  const loaders = classifierLoaders({ data: syntheticData(), size: 8, batchSize: 2, seed: 1 });
  const labelsOf = (values: Iterable<number>) => [...values].map((label) => classes[label]);

  it("trains on training drawings, drawn anew in each epoch", async () => {
    const { trainLoader } = loaders;
    const [first, second] = [await trainLoader.batch(0, 0), await trainLoader.batch(1, 0)];
    expect(first["image"]!.shape).to.deep.equal([2, 3, 8, 8]);
    expect(labelsOf(first["label"]!.values)).to.have.members(["3d", "noto"]);
    expect(first["image"]!.values).to.not.deep.equal(second["image"]!.values);
    expect(await trainLoader.batch(0, 0)).to.deep.equal(first);
  });

  it("validates on every held-out drawing, the same in each epoch", async () => {
    const { valLoader } = loaders;
    expect(valLoader.length).to.equal(1);
    const batch = await valLoader.batch(0, 0);
    expect(labelsOf(batch["label"]!.values)).to.deep.equal(["noto"]);
    expect(await valLoader.batch(3, 0)).to.deep.equal(batch);
  });
});
