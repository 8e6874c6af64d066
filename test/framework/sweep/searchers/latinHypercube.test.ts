import { expect } from "chai";
import { describe, it } from "mocha";

import { latinHypercubeSearcher } from "../../../../framework/sweep/searchers/latinHypercube.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { evenContract, squareSpace } from "./evenContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("latinHypercubeSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(
    (options) => latinHypercubeSearcher({ points: 12, ...options }),
    () => load(contractSpace),
  );

  evenContract(latinHypercubeSearcher, () => load(squareSpace));

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
