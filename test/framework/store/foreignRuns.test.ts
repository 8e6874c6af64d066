import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import { tensorBoardLogger } from "../../../framework/tracking/loggers/tensorBoard.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");
const longAgo = new Date("2026-01-01");

describe("RunIndex, below a folder of other programs' runs,", () => {
  const folder = temporaryFolder();
  const open = (): Promise<RunIndex> =>
    RunIndex.open({ folders: [folder.path("logs")], cacheFolder: folder.path("cache") });

  /** Copies a run of another program, as if written long ago. */
  function copy(fixture: string, to: string): string {
    cpSync(path.join(fixtures, fixture), folder.path("logs", to), { recursive: true });
    for (const name of readdirSync(folder.path("logs", to)))
      utimesSync(folder.path("logs", to, name), longAgo, longAgo);
    return folder.path("logs", to);
  }

  it("shows TensorBoard's as TensorBoard does", async () => {
    const place = copy("tensorboard/version_0", "lightning_logs/version_0");
    for (const pass of ["cold", "warm"]) {
      const run = (await open()).run("version_0")!;
      expect(run, pass).to.deep.include({
        ...{ folder: place, source: "tensorboard", name: "lightning_logs", status: "finished" },
        ...{ startedAt: "2026-01-01T00:00:00.000Z", step: 30 },
        config: { lr: 0.1, bsize: 32, name: "adam", on: 1 },
      });
      expect(run.metrics["train/loss"], pass).to.deep.equal({
        ...{ last: 0.125, lastStep: 30, min: 0.125, minStep: 30, max: 4, maxStep: 0, count: 4 },
      });
      expect(run.metrics["val/acc"]?.last, pass).to.deep.equal(NaN);
      expect(run.metrics["train/tensor"]?.last, pass).to.equal(0.75);
    }
    const series = new Series({ cacheFolder: null });
    const curve = series.curve({ folder: place, source: "tensorboard" }, "train/loss")!;
    // TensorBoard 2.21's own reader: see the fixture's README
    expect([...curve.step]).to.deep.equal([0, 10, 20, 30]);
    expect([...curve.value]).to.deep.equal([4, 2, 0.25, 0.125]);
    expect(curve.time[3]).to.equal(1_767_229_230);
  });

  it("shows W&B's with settings, end, summary and notes", async () => {
    copy(
      "wandb/offline-run-20261126_190000-wb00demo",
      "wandb/offline-run-20261126_190000-wb00demo",
    );
    const run = (await open()).run("wb00demo")!;
    expect(run).to.deep.include({
      ...{ source: "wandb", name: "shapes", title: "first", status: "failed", group: "g" },
      ...{ notes: "n", tags: ["a", "b"], config: { lr: 0.1, "model.width": 3 } },
      summary: { loss: 0.5, bad: NaN, best: 0.5 },
    });
    expect(Object.keys(run.metrics)).to.have.members(["bad", "loss"]);
    expect(run.metrics["loss"]).to.include({ last: 0.5, lastStep: 1, max: 1, count: 2 });
  });

  it("follows a run that is being written", async () => {
    const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1_767_225_600 + step });
    const logger = tensorBoardLogger({
      folder: folder.path("logs/live"),
      clock: () => 1_767_225_600,
    });
    await logger.logMetrics({ loss: 3 }, at(1));
    const index = await open();
    const series = new Series({ cacheFolder: null });
    const [run] = index.runs();
    expect(run).to.include({ source: "tensorboard", status: "running" });
    expect(series.at(run!, "loss", 9)).to.equal(3);
    await logger.logMetrics({ loss: 2 }, at(2));
    expect((await index.refresh()).changed).to.deep.equal(["tensorboard"]);
    expect(index.runs()[0]?.metrics["loss"]).to.include({ last: 2, count: 2 });
    expect(series.at(run!, "loss", 9)).to.equal(2);
    await logger.finalize("finished");
  });

  it("takes a run for ended when nothing was written for five minutes", async () => {
    const writtenMs = Date.UTC(2026, 5, 1);
    const logger = tensorBoardLogger({ folder: folder.path("logs/live") });
    await logger.logMetrics({ loss: 3 }, { step: 1, epoch: 0, wallTimeSeconds: writtenMs / 1000 });
    const place = folder.path("logs/live/tensorboard");
    for (const name of readdirSync(place))
      utimesSync(path.join(place, name), writtenMs / 1000, writtenMs / 1000);
    let nowMs = writtenMs + 299_000;
    const options = { folders: [folder.path("logs")], cacheFolder: null, nowMs: () => nowMs };
    const index = await RunIndex.open(options);
    expect(index.run("tensorboard")?.status).to.equal("running");
    nowMs = writtenMs + 300_000;
    expect((await index.refresh()).changed).to.deep.equal(["tensorboard"]);
    expect(index.run("tensorboard")?.status).to.equal("finished");
    await logger.finalize("finished");
  });

  it("keeps what is damaged visible", async () => {
    const board = copy("tensorboard/version_0", "board");
    const [first = ""] = readdirSync(board).filter((name) => name.endsWith(".a"));
    const bytes = readFileSync(path.join(board, first));
    bytes[bytes.length - 3]! ^= 1; // in the last record's data
    writeFileSync(path.join(board, first), bytes);
    folder.write({ "logs/wandb/offline-run-1-x/run-x.wandb": "no log" });
    copyFileSync(path.join(board, first), folder.path("logs/events.tfevents"));
    const runs = (await open()).runs();
    expect(runs.map(({ source }) => source).toSorted()).to.deep.equal([
      "tensorboard",
      "tensorboard",
      "wandb",
    ]);
    for (const run of runs) expect(run.problems.length, run.folder).to.equal(1);
  });

  it("leaves runs of ours whole, with the files that they keep for others", async () => {
    folder.write({ "logs/toy/aaaa/manifest.json": "{}" });
    copy("tensorboard/version_0", "toy/aaaa/tensorboard");
    expect((await open()).runs().map(({ source }) => source)).to.deep.equal(["seedbed"]);
  });
});
