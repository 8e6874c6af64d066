import { expect } from "chai";
import { describe, it } from "mocha";

import { nonDominatedSort } from "../../../../framework/sweep/nsga2/nonDominatedSort.ts";

// Ranks as Optuna 5.0.0 prints them: study._multi_objective._fast_non_domination_rank(points).
const cases: [about: string, points: number[][], ranks: number[]][] = [
  [
    "two objectives, with equal points",
    [
      ...[
        [0.1, 0.9],
        [0.2, 0.6],
        [0.4, 0.5],
        [0.8, 0.1],
        [0.3, 0.9],
        [0.5, 0.6],
      ],
      ...[
        [0.9, 0.2],
        [0.6, 0.9],
        [0.2, 0.6],
        [0.9, 0.9],
        [0.7, 0.3],
        [0.45, 0.55],
      ],
    ],
    [0, 0, 0, 0, 1, 2, 1, 3, 0, 4, 0, 1],
  ],
  [
    "three objectives",
    [
      ...[
        [1, 2, 3],
        [3, 2, 1],
        [2, 2, 2],
        [2, 3, 3],
      ],
      ...[
        [1, 3, 4],
        [3, 3, 3],
        [0, 9, 9],
        [4, 4, 0],
      ],
    ],
    [0, 0, 0, 1, 1, 2, 0, 0],
  ],
  ["one objective", [[3], [1], [2], [1]], [2, 0, 1, 0]],
  ["no points", [], []],
];

describe("nonDominatedSort()", () => {
  for (const [about, points, ranks] of cases) {
    it(`ranks ${about}`, () => {
      const fronts = nonDominatedSort(points);
      const found = points.map((_, i) => fronts.findIndex((front) => front.includes(i)));
      expect(found).to.deep.equal(ranks);
      expect(fronts.flat()).to.have.length(points.length);
    });
  }
});
