import { expect } from "chai";
import { describe, it } from "mocha";

import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";
const one = "parameters: { a: { value: 1 } }";
const draw = "parameters: { a: { min: 0.0, max: 1.0 } }";

describe("pbt", () => {
  const load = sweepSpecs();

  it("reads a population, whose members are the trials", () => {
    const text = `program: base.yaml\nmethod: pbt\nmetric: { name: x }\npbt: { interval: 50 }\n${draw}`;
    const spec = load(text);
    expect(spec.pbt).to.deep.equal({
      ...{ size: 8, interval: 50, quantile: 0.25, resample_probability: 0.25 },
      factors: [0.8, 1.2],
    });
    expect(spec.runCap).to.equal(8);
  });

  refuses(load, [
    [
      "pbt without its own keys",
      `program: base.yaml\nmethod: pbt\nmetric: { name: x }\n${draw}`,
      ":2 at /method",
      'expected a key "pbt" beside it, got none',
    ],
    [
      "pbt without a metric",
      `program: base.yaml\nmethod: pbt\npbt: { interval: 5 }\n${draw}`,
      ":2 at /method",
      'expected a metric beside "pbt", which learns from it, got none',
    ],
    [
      "pbt with seeds",
      `program: base.yaml\nmethod: pbt\nseeds: 2\nmetric: { name: x }\npbt: { interval: 5 }\n${draw}`,
      ":3 at /seeds",
      'expected none beside "pbt", whose trials are the members of a population',
    ],
    [
      "the keys of pbt beside another method",
      `${head}pbt: { interval: 5 }\n${one}`,
      ":3 at /pbt",
      'expected method: pbt beside it, got "grid"',
    ],
  ]);
});
