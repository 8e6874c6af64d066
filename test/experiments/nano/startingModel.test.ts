import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError } from "seedbed";

import { checkNewModel, configOf } from "../../../experiments/nano/startingModel.ts";

const sizes = {
  ...{ features: 64, feedForward: 96, layers: 2, heads: 2, keyValueHeads: 1 },
  ...{ ropeTheta: 10_000, inductionHeads: false },
};

describe("checkNewModel()", () => {
  it("takes what a model can be made of", () => {
    checkNewModel(sizes, 100);
    checkNewModel({ ...sizes, inductionHeads: true, ropeTheta: 500_000 }, 100);
  });

  it("refuses induction heads where they have no place, before there are data", () => {
    const one = { ...sizes, layers: 1, inductionHeads: true };
    expect(() => checkNewModel(one, 100)).to.throw(
      InputError,
      "expected two layers or more, got 1; change model, or set model.inductionHeads false",
    );
    checkNewModel({ ...one, inductionHeads: false }, 100);
  });
});

describe("configOf()", () => {
  it("is of Llama's form, and with induction heads of Qwen2's", () => {
    expect(configOf(sizes, 100)).to.include({ model_type: "llama", rope_theta: 10_000 });
    expect(configOf({ ...sizes, inductionHeads: true }, 100)).to.include({ model_type: "qwen2" });
  });
});
