import { loadSweepSpec } from "../../../framework/spec/loadSweepSpec.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("sweep", "sweep.yaml");

/** Files of sweeps. */
export const target: FuzzTarget = {
  name: "sweep",
  covers: ["framework/spec/"],
  seeds: [
    ...["gan-bayes", "gan-population", "gan-search", "dreambooth-claims"].map((name) =>
      fixture(`sweeps/${name}.yaml`),
    ),
    Buffer.from(
      "program: train.py\nmethod: random\nrun_cap: 3\nmetric: { name: loss, goal: minimize }\n" +
        "command: [python, ${program}, ${args}]\nparameters:\n  lr: { distribution: log_uniform_values, min: 1.0e-4, max: 1 }\n" +
        "  n: { values: [1, 2], probabilities: [0.5, 0.5] }\n  m: { min: 1, max: 8 }\n" +
        'constraints: ["lr * n < 2 and (n in [1, 2] or not m == 3)"]\n' +
        "early_terminate: { type: hyperband, min_iter: 3 }\nlauncher: { name: local, parallel: 2 }\n",
    ),
  ],
  words: ["distribution: q_normal", "mu: ", "sigma: ", "values: ", "min: ", "max: ", "parameters:"],
  run: (input) => loadSweepSpec(write(input)),
};
