import { existsSync, readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";

import { mlflowLogger } from "../../../../framework/tracking/loggers/mlflow.ts";
import type { MlflowRunInfo } from "../../../../framework/tracking/mlflow/store.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 100.25 + step });

describe("mlflowLogger()", () => {
  const folder = temporaryFolder();
  const info: MlflowRunInfo = {
    runId: "0123456789abcdef0123456789abcdef",
    runName: "toy-ab12",
    experiment: "toy <b>",
    userName: "somebody",
    startTimeMs: 1_700_000_000_000,
    tags: { "mlflow.note.content": "größer" },
  };
  const open = (options: object = {}) =>
    mlflowLogger({ root: folder.path("mlruns"), info, clock: () => 200, ...options });
  loggerContract(open);

  /** Path below the run's folder. */
  function inRun(...parts: string[]): string {
    const [experiment = ""] = readdirSync(folder.path("mlruns"));
    return folder.path("mlruns", experiment, info.runId, ...parts);
  }
  const read = (...parts: string[]): string => readFileSync(inRun(...parts), "utf8");

  it("has the experiment and the run with MLflow's keys", async () => {
    await open().finalize("failed");
    const [experiment = ""] = readdirSync(folder.path("mlruns"));
    expect(experiment).to.match(/^\d{18}$/);
    const meta = readFileSync(folder.path("mlruns", experiment, "meta.yaml"), "utf8");
    expect(parse(meta)).to.deep.equal({
      artifact_location: `file://${folder.path("mlruns", experiment)}`,
      creation_time: 1_700_000_000_000,
      experiment_id: experiment,
      last_update_time: 1_700_000_000_000,
      lifecycle_stage: "active",
      name: "toy <b>",
    });
    expect(parse(read("meta.yaml"))).to.deep.equal({
      artifact_uri: `file://${inRun("artifacts")}`,
      end_time: 200_000,
      entry_point_name: "",
      experiment_id: experiment,
      lifecycle_stage: "active",
      run_id: info.runId,
      run_name: "toy-ab12",
      run_uuid: info.runId,
      source_name: "",
      source_type: 4,
      source_version: "",
      start_time: 1_700_000_000_000,
      status: 4, // failed
      tags: [],
      user_id: "somebody",
    });
    expect(read("tags", "mlflow.note.content")).to.equal("größer");
  });

  it("says of a run without an end that it runs, and of an interrupted one that it was killed", async () => {
    const logger = open();
    expect(parse(read("meta.yaml"))).to.deep.include({ status: 1, end_time: null });
    await logger.finalize("interrupted");
    expect(parse(read("meta.yaml"))).to.deep.include({ status: 5, end_time: 200_000 });
  });

  it("has params of one level, and metrics as lines of milliseconds, value and step", async () => {
    const logger = open();
    await logger.logHyperparameters({ seed: 7, optimizer: { name: "adamW", betas: [0.9, 0.99] } });
    await logger.logMetrics({ "train/loss": 0.1 + 0.2, "100 %": NaN }, at(1));
    await logger.logMetrics({ "train/loss": -Infinity }, at(2));
    await logger.finalize("finished", { score: 3, note: "x" });
    expect(readdirSync(inRun("params")).map((key) => [key, read("params", key)])).to.deep.equal([
      ["optimizer.betas", "[0.9,0.99]"],
      ["optimizer.name", "adamW"],
      ["seed", "7"],
    ]);
    expect(read("metrics", "train", "loss")).to.equal(
      "101250 0.30000000000000004 1\n102250 -inf 2\n",
    );
    expect(read("metrics", "100__")).to.equal("101250 nan 1\n");
    expect(read("metrics", "summary", "score")).to.equal("102250 3 2\n");
    expect(read("tags", "summary.note")).to.equal("x");
  });

  it("writes numbers that have waited for some seconds", async () => {
    let now = 0;
    const logger = open({ clock: () => now });
    await logger.logMetrics({ loss: 1 }, at(1));
    expect(existsSync(inRun("metrics", "loss"))).to.equal(false);
    now = 5;
    await logger.logMetrics({ loss: 2 }, at(2));
    expect(read("metrics", "loss")).to.equal("101250 1 1\n102250 2 2\n");
  });

  it("has pictures, texts and tables as artifacts", async () => {
    const logger = open();
    const image = { png: Uint8Array.of(1), width: 1, height: 1 };
    await logger.logImages("samples/cat", [image, image], at(4));
    await logger.logText("said", "hello", at(4));
    await logger.logTable("words", { columns: ["a", "b"], rows: [["x", 1]] }, at(4));
    await logger.finalize("finished");
    expect(readdirSync(inRun("artifacts", "samples"))).to.deep.equal([
      "cat_00000004_0.png",
      "cat_00000004_1.png",
    ]);
    expect(read("artifacts", "said_00000004.txt")).to.equal("hello");
    expect(read("artifacts", "words_00000004.json")).to.equal(
      '{"columns":["a","b"],"data":[["x",1]]}',
    );
  });

  it("goes on in the same run with what was logged up to the checkpoint's step", async () => {
    const first = open();
    for (const step of [1, 2, 3]) await first.logMetrics({ loss: step, late: step }, at(step));
    await first.finalize("interrupted");
    const second = open({ records: [{ kind: "metrics", ...at(1), metrics: { loss: 1 } }] });
    await second.logMetrics({ loss: 20 }, at(2));
    await second.finalize("finished");
    expect(readdirSync(folder.path("mlruns"))).to.have.length(1);
    expect(read("metrics", "loss")).to.equal("101250 1 1\n102250 20 2\n");
    expect(readdirSync(inRun("metrics"))).to.deep.equal(["loss"]);
  });

  it("joins an experiment of that name that MLflow itself has made", async () => {
    folder.write({
      "mlruns/0/meta.yaml": "name: Default\n",
      "mlruns/77/meta.yaml": "name: toy <b>\n",
    });
    await open().finalize("finished");
    expect(existsSync(folder.path("mlruns", "77", info.runId, "meta.yaml"))).to.equal(true);
  });
});
