import { expect } from "chai";
import { describe, it } from "mocha";

import { rgbImage } from "../../../../framework/data/image.ts";
import { normalize } from "../../../../framework/data/transforms/normalize.ts";

describe("normalize()", () => {
  const image = rgbImage(2, 1, Uint8Array.of(0, 51, 255, 255, 204, 102));

  it("makes planes of [-1, 1] by default", () => {
    const { shape, values } = normalize()(image);
    expect(shape).to.deep.equal([3, 1, 2]);
    [-1, 1, -0.6, 0.6, 1, -0.2].forEach((want, i) => expect(values[i]).to.be.closeTo(want, 1e-6));
  });

  it("takes mean and deviation of each channel", () => {
    // (x / 255 - mean) / std in PyTorch, which prints four decimals.
    const want = [-2.1179, 2.2489, -1.1429, 1.5357, 2.64, -0.0267];
    const mean = [0.485, 0.456, 0.406] as const;
    const std = [0.229, 0.224, 0.225] as const;
    const { values } = normalize({ mean, std })(image);
    want.forEach((value, i) => expect(values[i]).to.be.closeTo(value, 5e-5));
  });

  it("refuses a deviation of 0", () => {
    expect(() => normalize({ std: [1, 0, 1] })).to.throw(RangeError, "std > 0, got 1, 0, 1");
  });
});
