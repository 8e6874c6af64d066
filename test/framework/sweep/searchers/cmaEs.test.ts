import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { cmaEsSearcher } from "../../../../framework/sweep/searchers/cmaEs.ts";
import { sweepSpecs } from "../../../support/sweepSpecs.ts";
import { adoptionContract, betterThanChance } from "./learningContract.ts";
import { contractSpace, searcherContract } from "./searcherContract.ts";

describe("cmaEsSearcher()", () => {
  const load = sweepSpecs();

  searcherContract(cmaEsSearcher, () => load(contractSpace));
  betterThanChance(cmaEsSearcher, load, 90);
  adoptionContract(cmaEsSearcher, load);

  it("asks for a number among the parameters", () => {
    const space = load("method: random\nprogram: base.yaml\nparameters: { a: { values: [1, 2] } }");
    expect(() => cmaEsSearcher({ space, seed: 0 })).to.throw(InputError, "set method: tpe");
  });
});
