import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import { latinHypercubeSearcher } from "../../../../framework/sweep/searchers/latinHypercube.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("latinHypercubeSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(
    (options) => latinHypercubeSearcher({ points: 12, ...options }),
    () => load(contractSpace),
  );

  function places(count: number, seed: number): Record<string, unknown>[] {
    const space = load(`method: random
program: base.yaml
parameters: { x: { min: 0.0, max: 1.0 }, y: { min: 0.0, max: 1.0 }, z: { value: 1 } }`);
    const searcher = latinHypercubeSearcher({ space, seed, points: count });
    const found = Array.from({ length: count }, (_, i) => searcher.suggest(i, []));
    return found.flatMap((point) => (point ? [plainPoint(point)] : []));
  }

  it("draws once from each part of every parameter", () => {
    for (const name of ["x", "y"]) {
      const parts = places(16, 3).map((point) => Math.floor(Number(point[name]) * 16));
      expect(new Set(parts).size).to.equal(16);
    }
  });

  it("draws other points for another seed", () => {
    expect(places(4, 1)).to.not.deep.equal(places(4, 2));
  });

  it("ends after its points", () => {
    const space = load(
      "method: random\nprogram: a.yaml\nparameters: { x: { min: 0.0, max: 1.0 } }",
    );
    const searcher = latinHypercubeSearcher({ space, seed: 0, points: 3 });
    const found = [0, 1, 2, 3].map((i) => searcher.suggest(i, []) !== undefined);
    expect(found).to.deep.equal([true, true, true, false]);
  });

  it("asks how many points there are", () => {
    const space = load(contractSpace);
    expect(() => latinHypercubeSearcher({ space, seed: 0 })).to.throw(
      "Cannot draw from a Latin hypercube: expected a number of trials, got none; set run_cap",
    );
  });
});
