import { expect } from "chai";
import { describe, it } from "mocha";

import { imageNoise } from "../../../framework/diffusion/imageNoise.ts";

describe("imageNoise()", () => {
  it("gives an image the same noise in any batch", () => {
    const shape = [4, 2, 2];
    const both = imageNoise([7, 8], shape);
    const alone = imageNoise([8], shape);
    expect(both.shape).to.deep.equal([2, 4, 2, 2]);
    expect(both.values.slice(16)).to.deep.equal(alone.values);
    expect(both.values.slice(0, 16)).not.to.deep.equal(alone.values);
  });

  it("draws other noise for another stream or step", () => {
    const first = imageNoise([1], [8]);
    expect(imageNoise([1], [8], "eta").values).not.to.deep.equal(first.values);
    expect(imageNoise([1], [8], "latents", 1).values).not.to.deep.equal(first.values);
    expect(imageNoise([1], [8]).values).to.deep.equal(first.values);
  });

  it("is standard normal", () => {
    const values = Float64Array.from(imageNoise([3], [10000]).values);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(mean).to.be.closeTo(0, 0.03); // three standard errors
    expect(variance).to.be.closeTo(1, 0.045);
  });
});
