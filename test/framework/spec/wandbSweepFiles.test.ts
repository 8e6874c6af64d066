import { expect } from "chai";
import { describe, it } from "mocha";

import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** What W&B's JSON schema lets through, and its service runs. */
describe("a sweep's file in W&B's format", () => {
  const folder = temporaryFolder();
  const head = "program: train.py\nmethod: random\n";
  const load = (text: string): ReturnType<typeof loadSweepSpec> => {
    folder.write({ "train.py": "", "sweep.yaml": text });
    return loadSweepSpec(folder.path("sweep.yaml"));
  };

  const parameters = [
    "{ value: 3 }",
    "{ values: [1, x, true, null, [1, 2]] }",
    "{ values: [1, 2], probabilities: [0.3, 0.7] }",
    "{ min: 1, max: 5 }",
    "{ min: 0.0, max: 1.0 }",
    "{ parameters: { lr: { min: 0.1, max: 0.2 }, deep: { parameters: { x: { value: 1 } } } } }",
    "{ distribution: constant, value: 1 }",
    "{ distribution: categorical, values: [1, 2] }",
    "{ distribution: categorical_w_probabilities, values: [1, 2], probabilities: [0.5, 0.5] }",
    "{ distribution: int_uniform, min: 1, max: 3 }",
    "{ distribution: uniform, min: 0, max: 3 }",
    "{ distribution: q_uniform, min: 0, max: 3 }",
    "{ distribution: q_uniform, min: 0, max: 3, q: 0.5 }",
    "{ distribution: log_uniform_values, min: 0.01, max: 3 }",
    "{ distribution: q_log_uniform_values, min: 1, max: 300, q: 2 }",
    "{ distribution: inv_log_uniform_values, min: 0.01, max: 3 }",
    "{ distribution: normal }",
    "{ distribution: normal, mu: 1, sigma: 2 }",
    "{ distribution: q_normal, q: 2 }",
    "{ distribution: log_normal }",
    "{ distribution: q_log_normal }",
    "{ distribution: beta, a: 2, b: 3 }",
    "{ distribution: q_beta }",
  ];
  for (const parameter of parameters) {
    it(`may search ${parameter}`, () => {
      expect(load(`${head}parameters: { a: ${parameter} }`).parameters).to.not.have.length(0);
    });
  }

  const metric = "metric: { name: loss }\n";
  const files = {
    "names of letters, digits, _, - and .": `${head}parameters: { _a-b.c: { value: 1 } }`,
    "hyperband by its first band": `${head}${metric}early_terminate: { type: hyperband, min_iter: 3 }\nparameters: { a: { value: 1 } }`,
    "hyperband by both ends": `${head}${metric}early_terminate: { type: hyperband, min_iter: 3, max_iter: 9, s: 1 }\nparameters: { a: { value: 1 } }`,
    "every key": `${head}name: s
description: d
project: p
entity: e
job: j
image_uri: i
apiVersion: v1
kind: sweep
run_cap: 3
controller: { type: local }
command: ["\${env}", python, "\${program}", "\${args}"]
metric: { name: loss, goal: minimize, target: 0.1, impute: latest, impute_while_running: "false" }
early_terminate: { type: hyperband, max_iter: 27, s: 2, eta: 3, strict: true }
parameters: { a: { value: 1 } }`,
  };
  for (const [title, text] of Object.entries(files)) {
    it(`may have ${title}`, () => {
      expect(load(text)).to.deep.include({ method: "random", program: folder.path("train.py") });
    });
  }
});
