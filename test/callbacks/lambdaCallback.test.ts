import { expect } from "chai";
import { Trainer } from "seedbed";
import { lambdaCallback } from "seedbed/callbacks/lambdaCallback";

import { toyLoader, toyModule } from "../support/toyTraining.ts";

describe("lambdaCallback()", () => {
  it("calls its hooks", async () => {
    const calls: string[] = [];
    const module = toyModule();
    const hooks = lambdaCallback({
      onTrainStart: () => void calls.push("start"),
      onTrainBatchEnd: async ({ step }) => void calls.push(`batch ${step}`),
    });
    const trainer = new Trainer({ maxSteps: 2, callbacks: [hooks], print: () => {} });
    await trainer.fit(module, { trainLoader: toyLoader(2) });
    module.dispose();
    expect(calls).to.deep.equal(["start", "batch 1", "batch 2"]);
  });

  for (const [title, hooks, got] of [
    ["no hook", {}, "none"],
    ["a hook that is no function", JSON.parse('{"onFitStart":"x"}'), "string for onFitStart"],
  ]) {
    it(`refuses ${title}, which is all that a spec can say`, () => {
      expect(() => lambdaCallback(hooks)).to.throw(
        TypeError,
        `expected hooks that are functions, got ${got}; use it from code`,
      );
    });
  }
});
