import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { wandbFormat } from "../../../../framework/store/foreign/wandbFormat.ts";
import { readManifest } from "../../../../framework/tracking/runManifest.ts";
import { seedbed } from "../../../support/cli.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const wandbRun = path.resolve(
  import.meta.dirname,
  "../../../fixtures/wandb/offline-run-20261126_190000-wb00demo",
);

/** As W&B's documentation has it, with fewer trials. */
const sweep = `program: train.py
name: example
description: a sweep of a program
method: bayes
metric:
  name: validation_loss
  goal: minimize
parameters:
  learning_rate:
    min: 0.0001
    max: 0.1
  batch_size:
    distribution: q_log_uniform_values
    q: 8
    min: 32
    max: 256
  optimizer:
    parameters:
      name:
        values: ["adam", "sgd"]
  epochs:
    value: 3
early_terminate:
  type: hyperband
  min_iter: 100
run_cap: 2
command:
  - \${env}
  - python3
  - \${program}
  - \${args}
`;

const program = `import argparse, json, os
parser = argparse.ArgumentParser()
for name in ["learning_rate", "batch_size"]:
    parser.add_argument("--" + name, type=float)
parser.add_argument("--epochs", type=int)
parser.add_argument("--optimizer")
args = parser.parse_args()
print("optimizer", args.optimizer)
folder = os.environ["SEEDBED_RUN_FOLDER"]
with open(folder + "/metrics.jsonl", "a") as file:
    for epoch in range(args.epochs):
        line = {"validation_loss": args.learning_rate / (1 + epoch), "epoch": epoch}
        file.write(json.dumps(line) + "\\n")
names = ["WANDB_MODE", "WANDB_RUN_ID", "WANDB_SWEEP_ID"]
print(json.dumps([os.environ[name] for name in names]))
`;

describe("seedbed sweep, with a program that is no spec", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  const runs = (): string[] => ["--runs", folder.path("runs")];
  const trials = (): string[] =>
    readdirSync(folder.path("runs", "example"))
      .filter((name) => /^\w{8}$/.test(name))
      .map((id) => folder.path("runs", "example", id));
  const write = (text = sweep, code = program): string => {
    folder.write({ "sweep.yaml": text, "train.py": code });
    return folder.path("sweep.yaml");
  };

  it("runs W&B's example as it is, and reports on what the program left", async () => {
    const file = write();
    const { exitCode, warned } = await run(["sweep", file, ...runs(), "--parallel", "2"]);
    expect([exitCode, warned]).to.deep.equal([0, []]);
    const [first = "", ...others] = trials();
    expect(others).to.have.length(1);
    const { status, sweep: part } = readManifest(first);
    const rate = Number(part?.parameters["learning_rate"]);
    expect([status, part?.parameters["epochs"]]).to.deep.equal(["finished", 3]);
    const metrics = readFileSync(path.join(first, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(metrics[2]!)).to.deep.include({
      step: 2,
      epoch: 2,
      metrics: { validation_loss: rate / 3 },
    });
    const log = readFileSync(path.join(first, "trial.log"), "utf8");
    expect(log).to.match(/^optimizer \{'name': '(adam|sgd)'\}$/m);
    expect(log).to.contain(`["offline", "${path.basename(first)}", "${part?.id}"]`);
    expect(readFileSync(path.join(first, "console.jsonl"), "utf8")).to.contain("optimizer");
    const report = await run(["sweep", "report", file, ...runs(), "--format", "csv"]);
    expect(report.printed[0]).to.equal(
      "batch_size,learning_rate,optimizer.name,validation_loss mean,validation_loss sd,n",
    );
    expect(report.printed).to.have.length(3);
  });

  it("keeps what a program sums up as the last thing it does", async () => {
    const text = `program: train.py
name: example
method: grid
parameters: { a: { value: 1 } }
command: [python3, "\${program}"]
`;
    const code = `import os, shutil
shutil.copytree(${JSON.stringify(wandbRun)}, os.environ["SEEDBED_RUN_FOLDER"] + "/offline-run-1")
`;
    const { exitCode } = await run(["sweep", write(text, code), ...runs()]);
    expect(exitCode).to.equal(0);
    const { summary } = wandbFormat.read(wandbRun);
    const numbers = Object.entries(summary).filter(([, value]) => Number.isFinite(value));
    expect(numbers.length).to.be.above(0);
    expect(readManifest(trials()[0]!).summary).to.include(Object.fromEntries(numbers));
  });

  it("keeps what a program that fails said last, and its exit code", async () => {
    const text = `program: train.py
name: example
method: grid
retries: 0
parameters: { a: { value: 1 } }
command: [python3, "\${program}"]
`;
    const file = write(text, "import sys\nsys.stderr.write('it is broken\\n')\nsys.exit(7)\n");
    const { exitCode, printed } = await run(["sweep", file, ...runs()]);
    expect(exitCode).to.equal(1);
    expect(printed.join("\n")).to.match(/failed after \d+s: exit code 7: it is broken; see /);
    expect(readManifest(trials()[0]!)).to.deep.include({ status: "failed", exitCode: 7 });
  });

  it("ends a program that takes more memory than it may, and does not try it again", async () => {
    const text = `program: train.py
name: example
method: grid
limits: { memory: 60 MB }
parameters: { a: { value: 1 } }
command: [python3, "\${program}"]
`;
    const code = "import time\nkept = bytearray(100 * 2**20)\ntime.sleep(60)\n";
    const { printed } = await run(["sweep", write(text, code), ...runs()]);
    const end = printed.filter((line) => line.includes("failed after"));
    expect(end).to.have.length(1);
    expect(end[0]).to.match(
      /exit code 2: Cannot go on: expected at most 60 MB of memory.*got \d{2,3} MB/,
    );
  });
});
