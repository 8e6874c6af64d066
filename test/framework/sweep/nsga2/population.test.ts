import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { Survivors, tournament } from "../../../../framework/sweep/nsga2/population.ts";
import type { Observation } from "../../../../framework/sweep/searcher.ts";

const observed = (...values: number[][]): Observation[] =>
  values.map((each, index) => ({ index, point: new Map(), values: each }));

const survivors = (all: readonly Observation[], size: number): readonly Observation[] =>
  new Survivors(size).after(all);

const indices = (all: readonly Observation[]): number[] => all.map(({ index }) => index);

describe("Survivors", () => {
  it("keeps the best front, then of the next one what has the farthest neighbours", () => {
    // fronts: {2, 5}, then {0, 1, 3, 4}, whose ends are 0 and 4; 3 has farther neighbours than 1
    const first = observed([1, 9], [2, 8], [0, 3], [5, 5], [9, 1]);
    expect(
      indices(survivors([...first, ...observed([1, 0]).map((e) => ({ ...e, index: 5 }))], 5)),
    ).to.deep.equal([2, 5, 4, 0, 3]);
  });

  it("counts what is known of a generation that is not whole yet", () => {
    expect(indices(survivors(observed([3], [2], [4], [1]), 3))).to.deep.equal([3, 1, 0]);
  });

  it("finds the same again and again, whatever it was asked before", () => {
    const all = observed([5], [4], [3], [2], [1], [6], [0]);
    const known = new Survivors(2);
    for (let count = 1; count <= 7; count++) known.after(all.slice(0, count));
    expect(indices(known.after(all))).to.deep.equal([6, 4]);
    const changed = all.map((each) => (each.index === 0 ? { ...each, values: [-1] } : each));
    expect(indices(known.after(changed))).to.deep.equal([0, 6]);
    const late = all.filter(({ index }) => index !== 6);
    expect(indices(known.after(late))).to.deep.equal([4, 3]);
  });

  it("has what is no number last", () => {
    expect(indices(survivors(observed([Number.NaN, 0], [1, 1]), 2))).to.deep.equal([1, 0]);
  });
});

describe("tournament()", () => {
  it("draws the better one of two: of four, the best in 7 of 16 cases", () => {
    const stream = new RandomStream(0, "test");
    const population = observed([0], [1], [2], [3]);
    const drawn = Array.from({ length: 4000 }, () => tournament(population, stream).index);
    for (const [index, share] of [7, 5, 3, 1].entries()) {
      expect(drawn.filter((each) => each === index).length / 4000).to.be.closeTo(share / 16, 0.03);
    }
  });
});
