import { expect } from "chai";
import { describe, it } from "mocha";

import { hypervolume } from "../../../../framework/sweep/analysis/hypervolume.ts";

describe("hypervolume()", () => {
  it("adds up the rectangles that points dominate", () => {
    // (4 - 1)(5 - 4) + (4 - 2)(4 - 2) + (4 - 3)(2 - 1) = 3 + 4 + 1
    const points = [
      [2, 2],
      [1, 4],
      [3, 1],
      [3, 3],
    ];
    expect(hypervolume(points, [4, 5])).to.equal(8);
  });

  it("does not count what is beyond the reference", () => {
    expect(
      hypervolume(
        [
          [4, 0],
          [0, 5],
          [3, 4],
        ],
        [4, 5],
      ),
    ).to.equal(1);
    expect(hypervolume([], [1, 1])).to.equal(0);
  });
});
