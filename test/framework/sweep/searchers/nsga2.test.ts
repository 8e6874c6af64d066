import { expect } from "chai";
import { describe, it } from "mocha";

import { hypervolume } from "../../../../framework/sweep/analysis/hypervolume.ts";
import { plainPoint, type SearchSpace } from "../../../../framework/sweep/point.ts";
import type { CreateSearcher, Observation } from "../../../../framework/sweep/searcher.ts";
import { nsga2Searcher } from "../../../../framework/sweep/searchers/nsga2.ts";
import { randomSearcher } from "../../../../framework/sweep/searchers/random.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { learningContract } from "./learningContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("nsga2Searcher()", () => {
  const load = sweepSpecs();
  const small: CreateSearcher = (options) => nsga2Searcher({ ...options, population: 10 });

  searcherContract(small, () => load(contractSpace));
  learningContract(small, load, { trials: 90, miss: 3 });

  const cube = `method: random\nprogram: base.yaml\nparameters:
  x: { min: 0.0, max: 1.0 }
  y: { distribution: log_uniform_values, min: 0.001, max: 1 }
  z: { values: [far, near], probabilities: [0.8, 0.2] }`;

  /** Two that cannot both be small: x and 1 - x, each made larger by y and by what is far. */
  function search(create: CreateSearcher, space: SearchSpace, seed: number): Observation[] {
    const searcher = create({ space, seed });
    const observations: Observation[] = [];
    for (let index = 0; index < 60; index++) {
      const point = searcher.suggest(index, observations)!;
      const { x, y, z } = plainPoint(point);
      const miss = Math.log10(Number(y)) / 3 + 1 + (z === "near" ? 0 : 1);
      observations.push({ index, point, values: [Number(x) + miss, 1 - Number(x) + miss] });
    }
    return observations;
  }

  it("covers more of the front of two objectives than chance does, in the median of three seeds", () => {
    const space = load(cube);
    const median = (create: CreateSearcher): number => {
      const areas = [0, 1, 2].map((seed) =>
        hypervolume(
          search(create, space, seed).map(({ values }) => values),
          [1.2, 1.2],
        ),
      );
      return areas.sort((a, b) => a - b)[1]!;
    };
    expect(median(small)).to.be.above(1.1 * median(randomSearcher));
  });

  it("begins with as many random points as a generation has", () => {
    const space = load(cube);
    const [bred, random] = [small, randomSearcher].map((create) => search(create, space, 5));
    const points = (all: Observation[] = []): unknown[] =>
      all.map(({ point }) => plainPoint(point));
    expect(points(bred).slice(0, 10)).to.deep.equal(points(random).slice(0, 10));
    expect(points(bred)[10]).to.not.deep.equal(points(random)[10]);
  });
});
