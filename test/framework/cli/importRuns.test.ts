import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { readRunNotes } from "../../../framework/tracking/runNotes.ts";
import { readRun } from "../../../framework/tracking/runStore.ts";
import { seedbed, type ProgramResult } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");

describe("seedbed runs import", () => {
  const folder = temporaryFolder();
  const program = seedbed();
  const runs = (...args: string[]): Promise<ProgramResult> =>
    program(["runs", ...args, "--runs", folder.path("runs")]);

  it("makes runs from TensorBoard's event files, once", async () => {
    const from = path.join(fixtures, "tensorboard");
    const place = folder.path("runs/tensorboard/version_0");
    expect((await runs("import", "tensorboard", from)).printed).to.deep.equal([
      `${from}/version_0 is now ${place}`,
    ]);
    const run = readRun(place);
    expect(run.spec).to.deep.include({ lr: 0.1, bsize: 32, on: 1, name: "adam" });
    expect(run.metrics.map(({ step, metrics }) => [step, metrics])).to.deep.equal([
      [0, { "train/loss": 4 }],
      [10, { "train/loss": 2, "val/acc": NaN }],
      [20, { "train/loss": 0.25 }],
      [30, { "train/loss": 0.125, "train/tensor": 0.75 }],
    ]);
    const before = readFileSync(path.join(place, "manifest.json"), "utf8");
    expect((await runs("import", "tensorboard", from)).printed).to.deep.equal([
      `${place} is there already: left alone`,
    ]);
    expect(readFileSync(path.join(place, "manifest.json"), "utf8")).to.equal(before);
  });

  it("makes runs from W&B's folders, under a name", async () => {
    const { exitCode } = await runs(
      "import",
      "wandb",
      path.join(fixtures, "wandb"),
      "--name",
      "old",
    );
    expect(exitCode).to.equal(0);
    const place = folder.path("runs/old/wb00demo");
    expect(readRun(place)).to.include({ status: "failed" });
    expect(readMetrics(place).map(({ metrics }) => metrics)).to.deep.equal([
      { bad: NaN, loss: 1 },
      { loss: 0.5 },
    ]);
    expect(readRunNotes(place)).to.deep.include({ tags: ["a", "b"], notes: "n", name: "first" });
    expect(
      (await runs("ls", "--columns", "id,name,source,metrics.loss:count")).printed[1],
    ).to.match(/^wb00demo +old +seedbed +2$/);
  });

  it("says when there is nothing to import", async () => {
    const { exitCode, warned } = await runs("import", "wandb", path.join(fixtures, "tensorboard"));
    expect(exitCode).to.equal(2);
    expect(warned.join()).to.match(/expected runs of wandb's below it, got none$/);
  });
});
