import { expect } from "chai";
import { describe, it } from "mocha";

import { maxSobolDimensions, sobolCoordinate } from "../../../framework/sweep/sobolSequence.ts";

const point = (index: number): number[] =>
  Array.from({ length: maxSobolDimensions }, (_, i) => sobolCoordinate(index, i) / 2 ** 32);

describe("sobolCoordinate()", () => {
  it("begins with 0, 1/2 and the quarters", () => {
    expect([0, 1, 2, 3].map((index) => point(index).slice(0, 3))).to.deep.equal([
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25],
      [0.25, 0.75, 0.75],
    ]);
  });

  it("gives in 21 dimensions what PyTorch 2.13's SobolEngine does, at index 63", () => {
    expect(point(63)).to.deep.equal([
      0.015625, 0.796875, 0.359375, 0.453125, 0.859375, 0.140625, 0.578125, 0.140625, 0.828125,
      0.578125, 0.421875, 0.671875, 0.546875, 0.765625, 0.328125, 0.765625, 0.078125, 0.390625,
      0.953125, 0.234375, 0.234375,
    ]);
  });

  it("has one coordinate in each part of an interval, in every dimension", () => {
    for (let dimension = 0; dimension < maxSobolDimensions; dimension++) {
      const parts = Array.from({ length: 64 }, (_, i) =>
        Math.floor((sobolCoordinate(i, dimension) / 2 ** 32) * 64),
      );
      expect(new Set(parts).size).to.equal(64);
    }
  });
});
