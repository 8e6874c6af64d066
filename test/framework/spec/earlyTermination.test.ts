import { expect } from "chai";
import { describe, it } from "mocha";

import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";
const draw = "parameters: { a: { min: 0.0, max: 1.0 } }";

describe("early_terminate", () => {
  const load = sweepSpecs();

  it("reads pruners with their own keys", () => {
    const prune = (text: string): unknown =>
      load(`${head}metric: { name: x }\nparameters: { a: { value: 1 } }\nearly_terminate: ${text}`)
        .earlyTerminate;
    expect(prune("{ type: asha, eta: 2 }")).to.deep.equal({
      type: "asha",
      min_steps: 1,
      eta: 2,
      first_arrivals: "continue",
      promotion: "stop",
    });
    expect(prune("{ type: successive_halving, min_steps: 5 }")).to.deep.equal({
      type: "successive_halving",
      min_steps: 5,
      eta: 3,
    });
    expect(prune("{ type: median }")).to.deep.equal({
      type: "median",
      startup_trials: 5,
      warmup_steps: 0,
      min_trials: 1,
    });
    expect(() => prune("{ type: median, eta: 2 }")).to.throw(/unknown key "eta"/);
    expect(() => prune("{ type: hyprband }")).to.throw(/did you mean "hyperband"\?/);
  });

  it("refuses a pruner that has nothing to look at", () => {
    const text = `${head}parameters: { a: { value: 1 } }\nearly_terminate: { type: median }`;
    expect(() => load(text)).to.throw(/:4 at \/early_terminate: expected a metric beside it/);
  });

  refuses(load, [
    [
      "hyperband without bands",
      `${head}parameters: { a: { value: 1 } }\nmetric: { name: x }\nearly_terminate:\n  type: hyperband\n  max_iter: 27`,
      ":5 at /early_terminate",
      "expected min_iter, or max_iter with s",
    ],
    [
      "hyperband of step 1",
      `${head}parameters: { a: { value: 1 } }\nearly_terminate:\n  type: hyperband\n  min_iter: 3\n  eta: 1`,
      ":7 at /early_terminate/eta",
      "expected a number > 1, got 1",
    ],
    [
      "successive halving of trials without end",
      `program: base.yaml\nmethod: random\nmetric: { name: x }\nearly_terminate: { type: successive_halving }\n${draw}`,
      ":4 at /early_terminate",
      "expected a grid, or one of random, sobol, latin_hypercube with run_cap, beside successive_halving, got random; set run_cap",
    ],
    [
      "successive halving of points that depend on each other",
      `program: base.yaml\nmethod: tpe\nrun_cap: 9\nmetric: { name: x }\nearly_terminate: { type: successive_halving }\n${draw}`,
      ":5 at /early_terminate",
      "got tpe; set type: asha",
    ],
    [
      "pauses of a program that is no spec",
      `program: train.py\nmethod: random\nmetric: { name: x }\nearly_terminate: { type: asha, promotion: pause }\n${draw}`,
      ":1 at /program",
      "expected an experiment's spec, as trials have to pause, got train.py",
    ],
  ]);
});
