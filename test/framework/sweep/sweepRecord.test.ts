import { expect } from "chai";
import { describe, it } from "mocha";

import {
  readSweepRecord,
  sweepRecord,
  writeSweepRecord,
} from "../../../framework/sweep/sweepRecord.ts";
import { sweepWorkshop } from "../../support/sweeps.ts";

const text = `
metric: { name: val/loss, goal: minimize }
parameters:
  optimizer.learningRate: { distribution: log_uniform_values, min: 0.001, max: 0.1 }
  optimizer.momentum: { distribution: normal, mu: 0.5, sigma: 0.1 }
  seed: { min: 1, max: 9 }
  optimizer.name: { values: [sgd, adam] }
  trainer.maxSteps: { value: 3 }
`;

describe("sweepRecord()", () => {
  const workshop = sweepWorkshop();

  it("keeps what the runs cannot say: the metric, and where parameters were searched", () => {
    const plan = workshop.plan(text, "random");
    const record = sweepRecord(plan, "sweeps/a.yaml");
    expect(record).to.deep.equal({
      id: plan.id,
      name: "sweep",
      file: "sweeps/a.yaml",
      metric: { name: "val/loss", goal: "minimize" },
      metrics: [{ name: "val/loss", goal: "minimize" }],
      parameters: [
        {
          name: "optimizer.learningRate",
          range: { kind: "numbers", low: 0.001, high: 0.1, isInteger: false, isLog: true },
        },
        { name: "optimizer.momentum", range: null },
        { name: "optimizer.name", range: null },
        {
          name: "seed",
          range: { kind: "numbers", low: 1, high: 9, isInteger: true, isLog: false },
        },
      ],
    });
    writeSweepRecord(workshop.path("runs"), record);
    expect(readSweepRecord(workshop.path("runs"), plan.id)).to.deep.equal(record);
  });

  it("keeps several metrics, of which the first is also the one", () => {
    const two = text.replace(
      /metric: .*/,
      "metrics: [{ name: loss }, { name: f1, goal: maximize }]",
    );
    const { metric, metrics } = sweepRecord(workshop.plan(two, "random"), "a.yaml");
    expect(metrics).to.deep.equal([
      { name: "loss", goal: "minimize" },
      { name: "f1", goal: "maximize" },
    ]);
    expect(metric).to.deep.equal(metrics[0]);
  });

  it("is read as one of an earlier version was written, with a single metric", () => {
    const record = { id: "a", name: "n", file: "f", metric: { name: "x", goal: "minimize" } };
    workshop.write({ "runs/sweep.a.json": JSON.stringify({ ...record, parameters: [] }) });
    expect(readSweepRecord(workshop.path("runs"), "a")?.metrics).to.deep.equal([record.metric]);
  });

  it("is undefined where there is none, or a damaged one, or an id that is a path", () => {
    workshop.write({ "runs/sweep.a.json": "{", "runs/sweep.b.json": '{"id": "b"}' });
    for (const id of ["a", "b", "c", "../a"]) {
      expect(readSweepRecord(workshop.path("runs"), id)).to.equal(undefined);
    }
  });
});
