import { expect } from "chai";
import { describe, it } from "mocha";

import { planSpecs } from "../../../framework/cli/planSpecs.ts";

describe("planSpecs()", () => {
  it("sets values in all specs, or in the one that is named", () => {
    expect(planSpecs(["a/1-x.yaml", "seed=1", "2-x:data.slope=2", "b/2-x.yml"])).to.deep.equal([
      { file: "a/1-x.yaml", overrides: ["seed=1"] },
      { file: "b/2-x.yml", overrides: ["seed=1", "data.slope=2"] },
    ]);
  });

  it("takes values for files and maps as they are", () => {
    const overrides = ["model.folder=a/b.yaml", "optimizer={name: sgd}", "note=a=b:c=d"];
    expect(planSpecs(["x.yaml", ...overrides])[0]?.overrides).to.deep.equal(overrides);
  });

  it("refuses names of no spec, and values of no spec", () => {
    expect(() => planSpecs(["x.yaml", "y:seed=1"])).to.throw(
      "expected the name of one of the specs, x, got y",
    );
    expect(() => planSpecs(["seed=1"])).to.throw("Cannot find a spec: expected a file");
  });
});
