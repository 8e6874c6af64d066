import { expect } from "chai";
import { describe, it } from "mocha";

import { plainPoint } from "../../../../framework/sweep/point.ts";
import { sobolSearcher } from "../../../../framework/sweep/searchers/sobol.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("sobolSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(
    (options) => sobolSearcher({ points: 12, ...options }),
    () => load(contractSpace),
  );

  function places(count: number, seed: number): Record<string, unknown>[] {
    const space = load(`method: random
program: base.yaml
parameters: { x: { min: 0.0, max: 1.0 }, y: { min: 0.0, max: 1.0 }, z: { value: 1 } }`);
    const searcher = sobolSearcher({ space, seed, points: count });
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

  it("draws once from each field of a board", () => {
    const fields = places(16, 3).map(({ x, y }) => [x, y].map((v) => Math.floor(Number(v) * 4)));
    expect(new Set(fields.map(String)).size).to.equal(16);
  });

  it("refuses more parameters than it has dimensions", () => {
    const names = Array.from({ length: 22 }, (_, i) => `p${i}: { values: [1, 2] }`);
    const space = load(`method: random\nprogram: base.yaml\nparameters: { ${names.join(", ")} }`);
    expect(() => sobolSearcher({ space, seed: 0 })).to.throw(
      "Cannot search with sobol: expected at most 21 parameters that vary, got 22; set method: random",
    );
  });
});
