import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { refuses, sweepSpecs } from "../../support/sweepSpecs.ts";

const head = "method: grid\nprogram: base.yaml\n";

describe("loadSweepSpec()", () => {
  const load = sweepSpecs();

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

  refuses(load, [
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
      "seeds beside a parameter seed",
      `${head}seeds: 2\nparameters:\n  seed: { values: [1, 2] }`,
      ":5 at /parameters/seed",
      'expected either "seeds" or a parameter "seed", got both',
    ],
  ]);
});
