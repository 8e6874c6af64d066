import { expect } from "chai";
import { describe, it } from "mocha";

import { toPlain } from "../../../framework/spec/specNode.ts";
import type { SweepSpec } from "../../../framework/spec/sweepSpec.ts";
import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";

describe("parameters of a sweep", () => {
  const load = sweepSpecs();

  const domains = (spec: SweepSpec): unknown[] =>
    spec.parameters.map(({ domain }) =>
      domain.kind === "categorical"
        ? domain.values.map(toPlain)
        : [domain.kind, domain.min, domain.max],
    );

  it("tells integers from other numbers by how they are written", () => {
    const spec = load(`method: random
program: base.yaml
parameters:
  a: { min: 1, max: 3 }
  b: { min: 1.0, max: 3.0 }
  c: { min: 0, max: 0.5 }
  d: { min: 1e-4, max: 1 }`);
    expect(domains(spec)).to.deep.equal([
      ["int_uniform", 1, 3],
      ["uniform", 1, 3],
      ["uniform", 0, 0.5],
      ["uniform", 1e-4, 1],
    ]);
  });

  it("reads values, constants, choices with probabilities and labels", () => {
    const spec = load(`method: random
program: base.yaml
parameters:
  a: { value: null }
  b: { distribution: constant, value: [1, 2] }
  c: { values: [x, { y: 1 }], labels: [plain, mapping] }
  d: { distribution: categorical, values: [1, 2], probabilities: [0.25, 0.75] }`);
    expect(domains(spec)).to.deep.equal([[null], [[1, 2]], ["x", { y: 1 }], [1, 2]]);
    expect(spec.parameters[2]?.labels).to.deep.equal(["plain", "mapping"]);
    expect(spec.parameters[3]?.domain).to.deep.include({ probabilities: [0.25, 0.75] });
  });

  refuses(load, [
    [
      "a bare value",
      `${head}parameters:\n  a: 3`,
      ":4 at /parameters/a",
      "expected a mapping, got 3",
    ],
    [
      "an empty parameter",
      `${head}parameters:\n  a: {}`,
      ":4 at /parameters/a/distribution",
      "got nothing",
    ],
    [
      "an unknown distribution",
      `${head}parameters:\n  a: { distribution: loguniform, min: 1, max: 2 }`,
      ":4 at /parameters/a/distribution",
      'got "loguniform"',
    ],
    [
      "a deprecated distribution",
      `${head}parameters:\n  a: { distribution: log_uniform, min: -3, max: 2 }`,
      ":4 at /parameters/a/distribution",
      'expected "log_uniform_values", whose bounds are values and not exponents, got "log_uniform"',
    ],
    [
      "value beside values",
      `${head}parameters:\n  a: { value: 3, values: [1] }`,
      ":4 at /parameters/a/value",
      'unknown key "value"',
    ],
    [
      "empty values",
      `${head}parameters:\n  a: { values: [] }`,
      ":4 at /parameters/a/values",
      "expected a list of at least 1 value, got []",
    ],
    ["min alone", `${head}parameters:\n  a: { min: 1 }`, ":4 at /parameters/a/max", "got nothing"],
    [
      "min above max",
      `method: random\nprogram: a.yaml\nparameters:\n  a: { min: 3, max: 1 }`,
      ":4 at /parameters/a",
      "expected min below max, got 3 and 1",
    ],
    [
      "a logarithm of 0",
      `method: random\nprogram: a.yaml\nparameters:\n  a: { distribution: log_uniform_values, min: 0, max: 1 }`,
      ":4 at /parameters/a/min",
      "expected a number > 0, got 0",
    ],
    [
      "probabilities of another length",
      `method: random\nprogram: a.yaml\nparameters:\n  a: { values: [1, 2], probabilities: [1] }`,
      ":4 at /parameters/a",
      "expected 2 probabilities, one for each value, got 1",
    ],
    [
      "probabilities of another sum",
      `method: random\nprogram: a.yaml\nparameters:\n  a: { values: [1, 2], probabilities: [0.5, 0.4] }`,
      ":4 at /parameters/a",
      "expected probabilities of sum 1, got 0.9",
    ],
    [
      "labels that are equal",
      `${head}parameters:\n  a: { values: [1, 2], labels: [x, x] }`,
      ":4 at /parameters/a",
      "expected 2 different labels, one for each value, got x, x",
    ],
    [
      "a name that begins with a digit",
      `${head}parameters:\n  1lr: { value: 1 }`,
      ":4 at /parameters/1lr",
      'expected a name of letters, digits, "_", "." and "-", got "1lr"',
    ],
    [
      "a parameter twice",
      `${head}parameters:\n  a.b: { value: 1 }\n  a: { parameters: { b: { value: 2 } } }`,
      ":4 at /parameters/a.b",
      'expected each parameter once, got "a.b" again',
    ],
    [
      "a grid without end",
      `${head}parameters:\n  a: { min: 0.5, max: 1 }`,
      ":4 at /parameters/a",
      "expected values, int_uniform or q_uniform in a grid, got uniform; set method: random",
    ],
  ]);
});
