import { expect } from "chai";
import { describe, it } from "mocha";

import { crowdingDistance } from "../../../../framework/sweep/nsga2/crowdingDistance.ts";

describe("crowdingDistance()", () => {
  // Optuna 5.0.0: samplers.nsgaii._elite_population_selection_strategy._calc_crowding_distance(trials).
  for (const [front, distances] of [
    [
      [
        [0.1, 0.9],
        [0.2, 0.6],
        [0.4, 0.5],
        [0.8, 0.1],
        [0.7, 0.3],
      ],
      [Infinity, 0.9285714285714286, 1.0892857142857142, Infinity, 1.0714285714285714],
    ],
    [
      [
        [1, 2, 3],
        [3, 2.5, 1],
        [2, 2.2, 2],
        [0, 9, 9],
        [4, 4, 0],
      ],
      [Infinity, 0.9793650793650793, 0.7936507936507936, Infinity, Infinity],
    ],
    [
      [
        [1, 5],
        [2, 5],
        [4, 5],
      ],
      [Infinity, 1, Infinity],
    ],
  ] as const) {
    it(`is Optuna's for ${JSON.stringify(front)}`, () => {
      for (const [i, distance] of crowdingDistance(front).entries()) {
        if (distances[i] === Infinity) expect(distance).to.equal(Infinity);
        else expect(distance).to.be.closeTo(distances[i]!, 1e-12);
      }
    });
  }

  it("is a number for points without end, and nothing for none", () => {
    expect(
      crowdingDistance([
        [Infinity, 1],
        [1, 2],
        [2, 1.5],
      ]),
    ).to.deep.equal([Infinity, Infinity, 1]);
    expect(crowdingDistance([])).to.deep.equal([]);
  });
});
