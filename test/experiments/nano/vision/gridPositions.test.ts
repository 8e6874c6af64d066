import { expect } from "chai";
import { describe, it } from "mocha";

import { gridPositions } from "../../../../experiments/nano/vision/gridPositions.ts";

describe("gridPositions()", () => {
  it("has sines and cosines of the column, then of the row: a case by hand", () => {
    const { shape, values } = gridPositions(2, 8, 0.5);
    expect(shape).to.deep.equal([4, 8]);
    const waves = [1, 0.1]; // per patch, 100 ** (-1 / 2)
    const expected = [...[0, 1].flatMap((row) => [0, 1].map((column) => [column, row]))].flatMap(
      (places) =>
        places.flatMap((place) => [
          ...waves.map((wave) => 0.5 * Math.sin(place * wave)),
          ...waves.map((wave) => 0.5 * Math.cos(place * wave)),
        ]),
    );
    expect(values.length).to.equal(expected.length);
    for (const [i, value] of expected.entries()) expect(values[i]).to.be.closeTo(value, 1e-6);
  });

  it("refuses features that 4 does not divide", () => {
    expect(() => gridPositions(2, 6, 1)).to.throw(RangeError, "got 6");
  });
});
