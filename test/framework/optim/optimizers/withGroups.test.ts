import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { createOptimizer, optimizers } from "../../../../framework/optim/optimizers/index.ts";

const adamW = (groups: unknown) =>
  createOptimizer(
    Object.assign(
      { name: "adamW" },
      { learningRate: 0.1, betas: [0.5, 0.75], weightDecay: 0.5, groups },
    ),
  );

describe("withGroups()", () => {
  it("gives a group its own options, and the main ones for the rest", () => {
    const optimizer = adamW([{ parameters: String.raw`^text\.`, learningRate: 0.05 }]);
    expect(optimizer.name).to.equal("adamW");
    expect(optimizer.learningRates?.(0.1)).to.deep.equal([
      { name: "main", learningRate: 0.1, momentum: 0.5, weightDecay: 0.5 },
      { name: "group1", learningRate: 0.05, momentum: 0.5, weightDecay: 0.5 },
    ]);
    const { "main/correction1": main, "group1/correction1": own } = optimizer.hyperparameters(1, 1);
    expect([main, own]).to.deep.equal([2, 2]); // betas[0] 0.5 of both
    const parameters = new Map([["text.a", tf.tidy(() => tf.variable(tf.scalar(1)))]]);
    optimizer.initialize(parameters);
    optimizer.dispose();
    tf.dispose([...parameters.values()]);
  });

  it("leaves an optimizer without groups as it was", () => {
    expect(adamW(undefined).hyperparameters(1, 1)).to.have.keys([
      "learningRate",
      "correction1",
      "correction2Sqrt",
    ]);
  });

  for (const { title, groups, message } of [
    {
      title: "a broken regular expression",
      groups: [{ parameters: "a" }, { parameters: "te(xt" }],
      message:
        'Cannot build adamW: groups.1.parameters must be a regular expression, got "te(xt" (Invalid regular expression: /te(xt/: Unterminated group)',
    },
    {
      title: "a group that does not say which parameters",
      groups: [{ learningRate: 1 }],
      message: 'Cannot build adamW: option "parameters" is missing',
    },
    {
      title: "an option that the optimizer does not have",
      groups: [{ parameters: "a", momentum: 0.5 }],
      message: 'Cannot build adamW: unknown option "momentum"',
    },
    {
      title: "an option out of range",
      groups: [{ parameters: "a", learningRate: -1 }],
      message: "Cannot build adamW: groups.0.learningRate must be >= 0, got -1",
    },
  ]) {
    it(`refuses ${title}`, () => {
      expect(() => adamW(groups)).to.throw(RangeError, message);
    });
  }

  it("is there for every optimizer", () => {
    for (const [name, { optionsSchema }] of Object.entries(optimizers)) {
      expect(optionsSchema.properties, name).to.include.keys("groups", "learningRate");
    }
  });
});
