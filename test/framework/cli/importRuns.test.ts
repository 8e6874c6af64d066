import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { encodePng, rgbImage } from "../../../framework/data/image.ts";
import { readConsole } from "../../../framework/tracking/consoleLog.ts";
import { mlflowLogger } from "../../../framework/tracking/loggers/mlflow.ts";
import { readMetrics, readRecords } from "../../../framework/tracking/metricsFile.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { readRunNotes } from "../../../framework/tracking/runNotes.ts";
import { readRun } from "../../../framework/tracking/runStore.ts";
import { readSystem } from "../../../framework/tracking/systemLog.ts";
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

  it("takes over what TensorBoard's files hold besides scalars", async () => {
    const { warned } = await runs(
      "import",
      "tensorboard",
      path.join(fixtures, "tensorboard-media"),
    );
    const place = folder.path("runs/tensorboard-media/torch");
    expect(warned).to.deep.equal([`${place}: sound is left out: sound cannot be shown`]);
    const records = readRecords(place).filter(({ step }) => step === 10);
    expect(records.map((record) => record.kind)).to.deep.equal([
      ...["metrics", "images", "histogram", "text", "prCurve"],
    ]);
    expect(records[1]).to.deep.include({ key: "samples", wallTimeSeconds: 1_767_225_610 });
    expect(records[2]).to.deep.include({ edges: [-1, 0, 1, 2, 12], counts: [1, 2, 0, 1] });
    const pictures = readRecords(folder.path("runs/tensorboard-media/tensors")).flatMap((record) =>
      record.kind === "images" ? record.images : [],
    );
    expect(pictures.map(({ file }) => file)).to.deep.equal([
      ...["media/batch_00000000_0.png", "media/batch_00000000_1.gif"],
      ...["media/batch_00000010_0.png", "media/batch_00000010_1.gif"],
    ]);
    for (const { file, sha256 } of pictures) {
      const content = readFileSync(folder.path("runs/tensorboard-media/tensors", file));
      expect(createHash("sha256").update(content).digest("hex")).to.equal(sha256);
    }
  });

  it("takes over what W&B's folders hold besides scalars", async () => {
    const { warned } = await runs("import", "wandb", path.join(fixtures, "wandb-media"));
    expect(warned).to.deep.equal([]);
    const place = folder.path("runs/pictures/wb00media");
    const records = readRecords(place).filter(({ step }) => step === 1);
    const byKey = new Map(records.map((record) => ["key" in record ? record.key : "", record]));
    expect(byKey.get("note")).to.deep.include({ kind: "text", text: "at 1" });
    expect(byKey.get("page")).to.deep.include({ kind: "text", text: "<b>1</b>" });
    expect(byKey.get("h")).to.deep.include({ edges: [0, 1, 2], counts: [1, 3] });
    expect(byKey.get("table")).to.deep.include({
      columns: ["a", "b"],
      rows: [
        [1, "x"],
        [null, "NaN"],
        [4.5, "<i>"],
      ],
    });
    expect(byKey.get("one")).to.deep.include({
      images: [
        {
          file: "media/one_00000001_0.png",
          ...{ width: 4, height: 3, caption: "first 1" },
          sha256: "c6ff5fefa355114f292b2fc51209077cd7c9686dbf9673d2f62385adf7f58d06",
        },
      ],
    });
    expect(readConsole(place).map(({ stream, text }) => [stream, text.slice(0, 14)])).to.deep.equal(
      [
        ["stdout", "hello ü line"],
        ["stdout", "progress 2"],
        ["stderr", "wandb: WARNING"],
      ],
    );
    expect(readSystem(place)[0]?.metrics).to.deep.equal({
      cpu: 11.412868251191346,
      memory_percent: 14.196007016015495,
    });
    const { command, exitCode, artifacts, imported } = readManifest(place);
    expect({ command, exitCode }).to.deep.equal({
      command: ["python", "/home/user/train.py", "--epochs", "2"],
      exitCode: 0,
    });
    expect(artifacts?.map((artifact) => artifact.path)).to.deep.equal([
      "files/kept.txt",
      "files/requirements.txt",
    ]);
    expect(readFileSync(path.join(place, "files/kept.txt"), "utf8")).to.equal("kept as a file\n");
    expect(imported).to.deep.include({ format: "wandb", problems: [] });
  });

  it("says what it could not take over, and keeps saying it", async () => {
    cpSync(path.join(fixtures, "wandb-media"), folder.path("from"), { recursive: true });
    const files = folder.path("from/offline-run-20261126_221554-wb00media/files");
    rmSync(path.join(files, "media/images/one_0_9e9bf5213efdc78ea856.png"));
    rmSync(path.join(files, "kept.txt"));
    folder.write({ "secret.txt": "secret" });
    symlinkSync(folder.path("secret.txt"), path.join(files, "kept.txt"));
    const { exitCode, warned } = await runs("import", "wandb", folder.path("from"));
    const place = folder.path("runs/pictures/wb00media");
    const problems = [
      "Cannot read media/images/one_0_9e9bf5213efdc78ea856.png: there is no such file",
      "Cannot read kept.txt: it lies outside the run's folder",
    ];
    expect(exitCode).to.equal(0);
    expect(warned).to.deep.equal(problems.map((problem) => `${place}: ${problem}`));
    expect(existsSync(path.join(place, "files/kept.txt"))).to.equal(false);
    const shown = (await runs("show", "wb00media")).printed;
    expect(shown).to.include.members(problems.map((problem) => `  problem: ${problem}`));
  });

  it("shows the media of a folder that is not imported", async () => {
    const from = path.join(fixtures, "wandb-media");
    const { printed } = await program(["runs", "show", "wb00media", "--runs", from]);
    const lines = printed.slice(printed.indexOf("Media") + 1).map((line) => line.trim());
    expect(lines).to.deep.equal([
      "h         histogram  2 steps, 0 to 1",
      "note      text       2 steps, 0 to 1",
      "one       images     2 steps, 0 to 1",
      "page      text       2 steps, 0 to 1",
      "table     table      2 steps, 0 to 1",
      "val/pair  images     2 steps, 0 to 1",
    ]);
  });

  it("reads back what our own logger wrote for MLflow", async () => {
    const info = {
      ...{ runId: "0123456789abcdef0123456789abcdef", runName: "toy-ab12", experiment: "on" },
      ...{ userName: "somebody", startTimeMs: 1_700_000_000_000 },
      tags: { "mlflow.note.content": "größer", "seedbed.tags": "a, b" },
    };
    const logger = mlflowLogger({ root: folder.path("mlruns"), info, clock: () => 1_700_000_009 });
    const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1_700_000_000 + step });
    await logger.logHyperparameters({ rate: 0.1, name: "adam", nested: { on: true } });
    await logger.logMetrics({ "train/loss": 0.5, diverged: NaN }, at(1));
    await logger.logMetrics({ "train/loss": 0.25, bad: -Infinity }, at(2));
    const png = await encodePng(rgbImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    await logger.logImages("samples", [{ png, width: 2, height: 1 }], at(2));
    await logger.logText("note", "<b>", at(2));
    await logger.logTable("table", { columns: ["a"], rows: [[1], ["x"]] }, at(2));
    await logger.logHistogram("h", { edges: [0, 1, 2], counts: [3, 4] }, at(2));
    await logger.finalize("finished", { best: 0.25 });
    expect((await runs("import", "mlflow", folder.path("mlruns"))).exitCode).to.equal(0);
    const place = folder.path("runs/on", info.runId);
    const { spec, status } = readRun(place);
    expect(spec).to.deep.include({ rate: 0.1, "nested.on": true });
    expect(status).to.equal("finished");
    expect(readRunNotes(place)).to.deep.include({ notes: "größer", tags: ["a", "b"] });
    expect(readMetrics(place).map(({ step, metrics }) => [step, metrics])).to.deep.equal([
      [1, { diverged: NaN, "train/loss": 0.5 }],
      [2, { bad: -Infinity, "summary/best": 0.25, "train/loss": 0.25 }],
    ]);
    const media = readRecords(place).filter(({ kind }) => kind !== "metrics");
    const said = new Map(media.map((record) => ["key" in record ? record.key : "", record]));
    expect(said.get("samples")).to.deep.include({ kind: "images", step: 2 });
    expect(readFileSync(path.join(place, "media/samples_00000002_0.png"))).to.deep.equal(
      Buffer.from(png),
    );
    expect(said.get("note")).to.deep.include({ text: "<b>", step: 2 });
    expect(said.get("table")).to.deep.include({ columns: ["a"], rows: [[1], ["x"]] });
    expect(said.get("h")).to.deep.include({ edges: [0, 1, 2], counts: [3, 4] });
  });

  it("says when there is nothing to import", async () => {
    const { exitCode, warned } = await runs("import", "wandb", path.join(fixtures, "tensorboard"));
    expect(exitCode).to.equal(2);
    expect(warned.join()).to.match(/expected runs of wandb's below it, got none$/);
  });
});
