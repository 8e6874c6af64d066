import { expect } from "chai";
import { describe, it } from "mocha";

import { nodeAt, toPlain } from "../../../framework/spec/specNode.ts";
import { describeTrial } from "../../../framework/sweep/pointLabels.ts";
import type { TrialPlan } from "../../../framework/sweep/trialPlan.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

describe("TrialPlan", () => {
  const workshop = sweepWorkshop();

  const specs = (plan: TrialPlan): unknown[] =>
    plan.first(20).map((trial) => toPlain(plan.treeOf(trial)));

  it("puts a point's values into the program's spec, under the sweep's name", () => {
    const plan = workshop.plan(`parameters:
  optimizer: { parameters: { learningRate: { values: [0.1, 0.2] } } }
  data.slope: { value: 3 }`);
    expect(specs(plan)).to.deep.equal(
      [0.1, 0.2].map((learningRate) => ({
        name: "sweep",
        experiment: "leastSquares",
        optimizer: { name: "sgd", learningRate },
        seed: 7,
        data: { slope: 3 },
      })),
    );
  });

  it("runs each point on the same seeds", () => {
    const plan = workshop.plan(
      "seeds: 3\nseed: 10\nparameters: { data.slope: { values: [1, 2] } }",
    );
    const trials = plan.first(20);
    expect(plan.count).to.equal(6);
    expect(trials.map(({ seed }) => seed)).to.deep.equal([10, 11, 12, 10, 11, 12]);
    expect(trials.map(({ pointIndex }) => pointIndex)).to.deep.equal([0, 0, 0, 1, 1, 1]);
    expect(new Set(trials.map(({ group }) => group)).size).to.equal(2);
    expect(trials[0]?.group).to.equal(trials[2]?.group);
    expect(specs(plan)[4]).to.include({ seed: 11 });
  });

  it("has ids that depend on the spec that comes of a trial, not on where or beside what it is", () => {
    const ids = (text: string): string[] =>
      workshop
        .plan(text)
        .first(9)
        .map(({ id }) => id);
    const both = ids("parameters: { data.slope: { values: [1, 2] } }");
    expect(both).to.deep.equal(["bkjpnppv", "zdmec084"]);
    expect(ids("parameters: { data.slope: { values: [2, 3] } }")[0]).to.equal(both[1]);
    expect(
      ids("seed: 3\nparameters: { data: { parameters: { slope: { values: [1, 2] } } } }"),
    ).to.deep.equal(both);
    expect(ids("seeds: 1\nparameters: { data.slope: { values: [1, 2] } }")).to.not.include(both[0]);
  });

  it("is called by what decides its points", () => {
    const id = (text: string): string => workshop.plan(text).id;
    const first = id("parameters: { data.slope: { values: [1, 2] } }");
    expect(id("run_cap: 1\nparameters: { data.slope: { values: [1, 2] } }")).to.equal(first);
    expect(id("parameters: { data.slope: { values: [1, 3] } }")).to.not.equal(first);
  });

  it("reads a file below extends once, so that an edit changes no trial of a running sweep", () => {
    workshop.write({ "layer.yaml": "data: { slope: 5 }" });
    const plan = workshop.plan("parameters: { extends: { values: [layer.yaml] } }");
    const [trial] = plan.first(1);
    workshop.write({ "layer.yaml": "data: { slope: 6 }" });
    expect(toPlain(plan.treeOf(trial!))).to.nested.include({ "data.slope": 5 });
    const edited = workshop.plan("parameters: { extends: { values: [layer.yaml] } }");
    expect(edited.first(1)[0]!.id).to.not.equal(trial!.id);
  });

  it("lays files and mappings below extends on the spec, before single keys", () => {
    workshop.write({ "other.yaml": "optimizer: { name: adam }\ndata: { slope: 5 }" });
    const plan = workshop.plan(`parameters:
  data.slope: { value: 6, when: extends.how != "other.yaml" }
  extends:
    parameters:
      how: { values: [other.yaml, { optimizer: { learningRate: 0.25 }, data: { batches: 2 } }] }`);
    expect(specs(plan)).to.deep.equal([
      {
        name: "sweep",
        experiment: "leastSquares",
        optimizer: { name: "adam", learningRate: 0.5 },
        seed: 7,
        data: { slope: 5 },
      },
      {
        name: "sweep",
        experiment: "leastSquares",
        optimizer: { name: "sgd", learningRate: 0.25 },
        seed: 7,
        data: { slope: 6, batches: 2 },
      },
    ]);
  });

  it("lays a mapping on the key that it is for, and reaches into lists by name", () => {
    workshop.write({
      "listed.yaml": "extends: base.yaml\ncallbacks:\n  - stopAt\n",
    });
    const plan = workshop.plan(`parameters:
  extends.callbacks: { value: listed.yaml }
  optimizer: { values: [{ learningRate: 1 }] }
  callbacks.stopAt.step: { value: 2 }`);
    expect(specs(plan)[0]).to.deep.include({
      optimizer: { name: "sgd", learningRate: 1 },
      callbacks: [{ stopAt: { step: 2 } }],
    });
  });

  it("says what trials are called", () => {
    const plan = workshop.plan(`seeds: 1
parameters:
  extends.subject: { values: [base.yaml, { data: { slope: 1 } }], labels: [base, slope one] }
  extends.other: { values: [./base.yaml, { data: { batches: 2 } }] }
  data.delayMs: { value: 0 }
  optimizer.learningRate: { values: [0.30000000000000004] , when: extends.subject == "base.yaml" }`);
    expect(plan.first(9).map((trial) => describeTrial(plan.spec, trial))).to.deep.equal([
      "other=base subject=base optimizer.learningRate=0.3 seed=0",
      "other=base subject=slope one seed=0",
      'other={"data":{"batches":2}} subject=base optimizer.learningRate=0.3 seed=0',
      'other={"data":{"batches":2}} subject=slope one seed=0',
    ]);
  });

  it("has at most run_cap trials", () => {
    const plan = workshop.plan(
      "run_cap: 3\nseeds: 2\nparameters: { data.slope: { values: [1, 2] } }",
    );
    expect(plan.count).to.equal(3);
    expect(plan.first(9)).to.have.length(3);
  });

  it("does not know how many draws there are", () => {
    const plan = workshop.plan("parameters: { data.slope: { min: 0.5, max: 1 } }", "random");
    expect(plan.count).to.equal(undefined);
  });

  it("names W&B's project where the program does not, and leaves W&B off where it is", () => {
    const wandb = (program: string): unknown => {
      workshop.write({ "logged.yaml": `extends: base.yaml\n${program}` });
      const plan = workshop.plan(
        "project: mine\nentity: us\nparameters: { extends: { value: logged.yaml } }",
      );
      const [trial] = plan.first(1);
      const node = trial && nodeAt(plan.treeOf(trial), ["loggers", "wandb"]);
      return node && toPlain(node);
    };
    expect(wandb("tags: [x]")).to.deep.equal({ project: "mine", entity: "us" });
    expect(wandb("loggers: { wandb: { project: own } }")).to.deep.equal({
      project: "own",
      entity: "us",
    });
    expect(wandb("loggers: { wandb: false }")).to.equal(false);
  });

  for (const method of ["tpe", "random"] as const) {
    it(`has its points again after it was rewound, with ${method}`, () => {
      const text = "metric: { name: x }\nparameters: { data.slope: { min: 0.0, max: 1.0 } }";
      const plan = workshop.plan(text, method);
      const ids = (): string[] => plan.first(4).map(({ id }) => id);
      const first = ids();
      plan.add(4, { "data.slope": 0.5 });
      plan.rewind();
      expect([plan.pointCount, plan.addedCount, plan.known(0)]).to.deep.equal([0, 0, []]);
      expect(ids()).to.deep.equal(first);
    });
  }

  it("refuses two trials that would be one run", () => {
    const plan = workshop.plan("parameters: { extends: { values: [base.yaml, { seed: 7 }] } }");
    expect(() => plan.first(9)).to.throw(
      "Cannot plan sweep sweep: expected trials that differ, got trials 1 and 2 with the same spec; drop one of the values that mean the same",
    );
  });

  it("refuses a value that has no place, with its line", () => {
    const plan = workshop.plan("parameters:\n  seed.deep: { values: [1] }");
    expect(() => plan.first(1)).to.throw(
      /sweep\.yaml:4 at \/seed: expected a mapping or list to set a value in, got 7/,
    );
    const layered = workshop.plan("parameters:\n  extends: { values: [3] }");
    expect(() => layered.first(1)).to.throw(
      /sweep\.yaml:4 at \/parameters\/extends: expected a file or a mapping/,
    );
  });
});
