import { expect } from "chai";
import { describe, it } from "mocha";

import { sobolSearcher } from "../../../../framework/sweep/searchers/sobol.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { evenContract, squareSpace } from "./evenContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("sobolSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(
    (options) => sobolSearcher({ points: 12, ...options }),
    () => load(contractSpace),
  );

  const places = evenContract(sobolSearcher, () => load(squareSpace));

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
