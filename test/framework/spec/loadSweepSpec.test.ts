import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { SpecError } from "../../../framework/base/errors.ts";
import { toPlain } from "../../../framework/spec/specNode.ts";
import { prunedMetric } from "../../../framework/spec/sweepObjectives.ts";
import type { SweepSpec } from "../../../framework/spec/sweepSpec.ts";
import { sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";
const one = "parameters: { a: { value: 1 } }";

describe("loadSweepSpec()", () => {
  const load = sweepSpecs();

  const domains = (spec: SweepSpec): unknown[] =>
    spec.parameters.map(({ domain }) =>
      domain.kind === "categorical"
        ? domain.values.map(toPlain)
        : [domain.kind, domain.min, domain.max],
    );

  it("reads W&B's keys and ours", () => {
    const spec = load(`
program: base.yaml
method: random
name: My sweep, no. 2
description: What it is for
metric: { name: val/loss, goal: minimize, target: 0.1, impute: worst }
parameters:
  optimizer: { parameters: { learningRate: { min: 0.0001, max: 0.1 } } }
  model.depth: { values: [1, 2] }
early_terminate: { type: hyperband, min_iter: 3 }
run_cap: 20
max_time: 2 h
seeds: 3
seed: 5
retries: 2
project: mine
entity: us
controller: { type: local }
`);
    expect(spec).to.deep.include({
      name: "My-sweep-no.-2",
      method: "random",
      seed: 5,
      seeds: 3,
      runCap: 20,
      maxSeconds: 7200,
      retries: 2,
      earlyTerminate: { type: "hyperband", min_iter: 3, eta: 3, strict: true },
      wandb: { project: "mine", entity: "us" },
    });
    expect(spec.metric).to.include({ name: "val/loss", goal: "minimize", target: 0.1 });
    expect(path.basename(spec.program)).to.equal("base.yaml");
    expect(spec.parameters.map(({ name }) => name)).to.deep.equal([
      "model.depth",
      "optimizer.learningRate",
    ]);
  });

  it("is called as its file, starts from seed 0 and takes a crashed trial up once", () => {
    const spec = load(`${head}parameters: { a: { value: 1 } }`);
    expect(spec).to.include({ name: "sweep", seed: 0, retries: 1 });
    expect(spec.seeds).to.equal(undefined);
  });

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

  it("passes a condition of nested parameters on to each", () => {
    const spec = load(`${head}parameters:
  n: { value: 1 }
  o: { when: n == 1, parameters: { x: { value: 1 }, y: { value: 2, when: o.x > 0 } } }`);
    const texts = spec.parameters.map(({ when }) => when.map(({ text }) => text));
    expect(texts).to.deep.equal([[], ["n == 1"], ["n == 1", "o.x > 0"]]);
  });

  const draw = "parameters: { a: { min: 0.0, max: 1.0 } }";

  const wrong: [about: string, text: string, where: string, problem: string][] = [
    [
      "no method",
      "program: a.yaml\nparameters: { a: { value: 1 } }",
      ":1 at /method",
      '"pbt" or "custom", got nothing',
    ],
    ["no program", "method: grid\nparameters: { a: { value: 1 } }", ":1 at /program", "got none"],
    ["no parameters", head, ":1 at /parameters", "expected a mapping, got nothing"],
    [
      "parameters that are none",
      `${head}parameters: {}`,
      ":3 at /parameters",
      "expected at least one parameter",
    ],
    [
      "an unknown key",
      `${head}parameters: { a: { value: 1 } }\nrun_cpa: 3`,
      ":4 at /run_cpa",
      'unknown key "run_cpa"; did you mean "run_cap"?',
    ],
    [
      "run_cap 0",
      `${head}parameters: { a: { value: 1 } }\nrun_cap: 0`,
      ":4 at /run_cap",
      "expected an integer >= 1, got 0",
    ],
    [
      "custom",
      "method: custom\nprogram: a.yaml\nparameters: { a: { value: 1 } }",
      ":1 at /method",
      'got "custom", which has no searcher here',
    ],
    [
      "bayes without a metric",
      "method: bayes\nprogram: a.yaml\nparameters: { a: { value: 1 } }",
      ":1 at /method",
      'expected a metric beside "bayes", which learns from it, got none',
    ],
    [
      "a program that is not there",
      "method: grid\nprogram: train.py\nparameters: { a: { value: 1 } }",
      ":2 at /program",
      'got "train.py", which is not there',
    ],
    [
      "a command without its program",
      'method: grid\ncommand: [python3, "${program}"]\nparameters: { a: { value: 1 } }',
      ":1 at /program",
      "got none",
    ],
    [
      "an unknown macro",
      "method: grid\ncommand:\n  - python3\n  - ${arg}\nparameters: { a: { value: 1 } }",
      ":4 at /command/1",
      'got ${arg}; did you mean "${args}"?',
    ],
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
    [
      "a condition on what is none",
      `${head}parameters:\n  alpha: { value: 1 }\n  b: { value: 1, when: alhpa == 1 }`,
      ":5 at /parameters/b/when",
      'expected parameters in a condition, got "alhpa"; did you mean "alpha"?',
    ],
    [
      "a condition that cannot be read",
      `${head}parameters:\n  a: { value: 1, when: b = }`,
      ":4 at /parameters/a/when",
      'expected a name, value or operator in the condition "b =", got =',
    ],
    [
      "conditions in a circle",
      `${head}parameters:\n  a: { value: 1, when: b == 1 }\n  b: { value: 1, when: a == 1 }`,
      ":4 at /parameters/a",
      "expected conditions without a circle, got a -> b -> a",
    ],
    [
      "a constraint on what is no parameter",
      `${head}parameters:\n  a: { value: 1 }\nconstraints:\n  - a < c`,
      ":6 at /constraints/0",
      'got "c"',
    ],
    [
      "seeds beside a parameter seed",
      `${head}seeds: 2\nparameters:\n  seed: { values: [1, 2] }`,
      ":5 at /parameters/seed",
      'expected either "seeds" or a parameter "seed", got both',
    ],
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
  ];

  it("reads a population, whose members are the trials", () => {
    const text = `program: base.yaml\nmethod: pbt\nmetric: { name: x }\npbt: { interval: 50 }\n${draw}`;
    const spec = load(text);
    expect(spec.pbt).to.deep.equal({
      ...{ size: 8, interval: 50, quantile: 0.25, resample_probability: 0.25 },
      factors: [0.8, 1.2],
    });
    expect(spec.runCap).to.equal(8);
  });

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

  describe("the launcher", () => {
    const text = `${head}parameters: { a: { value: 1 } }\n`;

    it("is this machine where nobody says, one trial at a time", () => {
      expect(load(text).launcher).to.deep.equal({ name: "local", parallel: 1 });
    });

    it("is the command's where that names one, with the file's keys if they are its own", () => {
      const file = `${text}launcher: { name: local, parallel: 3 }`;
      expect(load(file, "local").launcher).to.deep.equal({ name: "local", parallel: 3 });
      expect(() => load(file, "lokal")).to.throw(
        /command line at \/launcher\/name: expected "local".*, got "lokal"; did you mean "local"\?/,
      );
    });

    it("is checked by its own schema", () => {
      expect(() => load(`${text}launcher:\n  paralel: 3`)).to.throw(
        /:5 at \/launcher\/paralel: unknown key "paralel"; did you mean "parallel"\?/,
      );
    });
  });

  it("refuses a pruner that has nothing to look at", () => {
    const text = `${head}parameters: { a: { value: 1 } }\nearly_terminate: { type: median }`;
    expect(() => load(text)).to.throw(/:4 at \/early_terminate: expected a metric beside it/);
  });

  for (const [about, text, where, problem] of wrong) {
    it(`refuses ${about}`, () => {
      expect(() => load(text))
        .to.throw(SpecError)
        .with.property("message")
        .that.contains(`sweep.yaml${where}`)
        .and.contains(problem);
    });
  }
});
