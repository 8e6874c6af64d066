import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage, type Rgb, type RgbImage } from "seedbed";

import {
  borderColour,
  colourDifference,
  snapColour,
} from "../../../../experiments/dreambooth/evaluator/pictures.ts";

function plain(side: number, colour: Rgb): RgbImage {
  return rgbImage(
    side,
    side,
    Uint8Array.from({ length: side * side * 3 }, (_, i) => colour[i % 3]!),
  );
}

describe("borderColour()", () => {
  it("ignores the middle, and what crosses the border in a few places", () => {
    const image = plain(16, [10, 200, 30]);
    for (let y = 0; y < 16; y++) image.data.fill(255, (y * 16 + 5) * 3, (y * 16 + 9) * 3);
    expect(borderColour(image)).to.deep.equal([10, 200, 30]);
  });

  it("takes the middle of a noisy border, each channel by itself", () => {
    const image = plain(3, [0, 0, 0]); // all border
    image.data.set([
      1, 9, 5, 2, 8, 5, 3, 7, 5, 4, 6, 5, 5, 5, 5, 6, 4, 5, 7, 3, 5, 8, 2, 5, 9, 1, 5,
    ]);
    expect(borderColour(image)).to.deep.equal([5, 5, 5]);
  });
});

describe("snapColour()", () => {
  it("keeps black and white, and joins what is near", () => {
    expect(snapColour([0, 255, 250])).to.deep.equal([0, 255, 255]);
    expect(snapColour([8, 9, 26])).to.deep.equal([0, 17, 34]);
  });
});

describe("colourDifference()", () => {
  for (const { a, b, expected } of [
    { a: [255, 255, 255], b: [0, 0, 0], expected: 100 },
    { a: [255, 0, 0], b: [0, 0, 0], expected: 117.34 }, // L* 53.24, a* 80.09, b* 67.20
    { a: [12, 34, 56], b: [12, 34, 56], expected: 0 },
  ] as const) {
    it(`of ${a.join(" ")} and ${b.join(" ")} is ${expected}`, () => {
      expect(colourDifference(a, b)).to.be.closeTo(expected, 0.05);
    });
  }
});
