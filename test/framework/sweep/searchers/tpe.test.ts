import { expect } from "chai";
import { describe, it } from "mocha";

import type { Point } from "../../../../framework/sweep/point.ts";
import type { Observation } from "../../../../framework/sweep/searcher.ts";
import { splitObservations, tpeSearcher } from "../../../../framework/sweep/searchers/tpe.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { learningContract } from "./learningContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("tpeSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(tpeSearcher, () => load(contractSpace));
  learningContract(tpeSearcher, load);
});

describe("splitObservations()", () => {
  const point: Point = new Map();

  it("takes the best tenth, rounded up, and at most 25; NaN is the worst", () => {
    for (const [count, best] of [
      [1, 1],
      [10, 1],
      [11, 2],
      [240, 24],
      [500, 25],
    ] as const) {
      const values = Array.from({ length: count }, (_, index) => ({
        index,
        point,
        values: [-index],
      }));
      const { below, above } = splitObservations(values);
      expect(below.map(({ index }) => index)).to.deep.equal(
        values.slice(count - best).map(({ index }) => index),
      );
      expect(above).to.have.length(count - best);
    }
    const bad = { index: 0, point, values: [Number.NaN] };
    expect(splitObservations([bad, { ...bad, index: 1, values: [9] }]).below[0]?.index).to.equal(1);
  });

  it("takes what was stopped early for worse than what was not, what got farther for better", () => {
    const tried = (index: number, value: number, stoppedAt?: number): Observation => {
      return { index, point, values: [value], ...(stoppedAt !== undefined && { stoppedAt }) };
    };
    const early = [tried(0, -9, 10), tried(1, 2, 90), tried(2, 1, 90), tried(3, 5)];
    const order = (all: Observation[]): number[] => {
      const rest = [...all];
      return all.map(() => {
        const best = splitObservations(rest).below[0]!;
        rest.splice(rest.indexOf(best), 1);
        return best.index;
      });
    };
    expect(order(early)).to.deep.equal([3, 2, 1, 0]);
  });
});
