import { expect } from "chai";
import { describe, it } from "mocha";

import { prunedMetric } from "../../../framework/spec/sweepObjectives.ts";
import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";
const one = "parameters: { a: { value: 1 } }";

describe("metrics of a sweep", () => {
  const load = sweepSpecs();

  it("reads several metrics", () => {
    const metrics = "[{ name: loss }, { name: f1, goal: maximize, target: 0.9 }]";
    const spec = load(
      `${head}metrics: ${metrics}\nearly_terminate: { type: median, metric: f1 }\n${one}`,
    );
    expect(spec.metric).to.equal(undefined);
    expect(spec.objectives).to.deep.include.members([
      { name: "f1", goal: "maximize", target: 0.9, impute: "worst" },
    ]);
    expect(prunedMetric(spec)?.name).to.equal("f1");
  });

  refuses(load, [
    [
      "one metric beside several",
      `${head}metric: { name: x }\nmetrics: [{ name: x }, { name: y }]\n${one}`,
      ":4 at /metrics",
      'expected either "metric" or "metrics", got both',
    ],
    [
      "a list of one metric",
      `${head}metrics: [{ name: x }]\n${one}`,
      ":3 at /metrics",
      "expected a list of at least 2",
    ],
    [
      "a metric twice",
      `${head}metrics:\n  - { name: x }\n  - { name: x, goal: maximize }\n${one}`,
      ":5 at /metrics/1",
      'expected each metric once, got "x" again',
    ],
    [
      "several metrics beside a method that weighs one",
      `program: base.yaml\nmethod: tpe\nmetrics: [{ name: x }, { name: y }]\n${one}`,
      ":3 at /metrics",
      'expected one metric beside "tpe", got 2; set method: nsga2, or metric',
    ],
    [
      "a pruner that does not know which of several metrics to look at",
      `${head}metrics: [{ name: x }, { name: y }]\nearly_terminate: { type: median }\n${one}`,
      ":4 at /early_terminate",
      'expected a key "metric" that is one of "x", "y", as trials are judged by one alone, got none',
    ],
    [
      "a pruner of a metric that is none of the sweep's",
      `${head}metrics: [{ name: loss }, { name: y }]\nearly_terminate: { type: median, metric: los }\n${one}`,
      ":4 at /early_terminate/metric",
      'expected one of "loss", "y", got "los"; did you mean "loss"?',
    ],
  ]);
});
