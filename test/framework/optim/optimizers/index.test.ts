import { expect } from "chai";

import { createOptimizer, optimizers } from "../../../../framework/optim/optimizers/index.ts";

describe("createOptimizer()", () => {
  for (const name of Object.keys(optimizers)) {
    it(`finds ${name} by its name`, () => {
      const spec = { name, learningRate: 0.5 };
      expect(createOptimizer(spec)).to.include(spec);
    });
  }

  it("names the known ones when there is none of that name", () => {
    expect(() => createOptimizer({ name: "toString" })).to.throw(
      'Cannot build optimizer "toString": expected one of adafactor, adagrad, adam, adam8bit, adamW, lion, muon, rmsProp, sgd',
    );
  });
});
