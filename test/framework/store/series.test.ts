import {
  appendFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import { metricLine, writeRun } from "../../support/runFolders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("Series", () => {
  const folder = temporaryFolder();
  const run = () => ({ folder: folder.path("runs/toy/aaaa"), source: "seedbed" as const });
  const log = (): string => folder.path("runs/toy/aaaa/metrics.jsonl");
  const open = (maxBytes?: number): Series =>
    new Series({ cacheFolder: folder.path("cache"), ...(maxBytes && { maxBytes }) });

  it("gives a metric's values with their step, epoch and time", () => {
    writeRun(run().folder, {
      points: [
        [10, { loss: 3, rate: 1 }],
        [20, { rate: 1 }],
        [30, { loss: NaN }],
      ],
    });
    const curve = open().curve(run(), "loss")!;
    expect([...curve.value]).to.deep.equal([3, NaN]);
    expect([...curve.step]).to.deep.equal([10, 30]);
    expect([...curve.epoch]).to.deep.equal([1, 3]);
    expect(curve.time[1]! - curve.time[0]!).to.equal(20 * 60);
    expect(open().names(run())).to.deep.equal(["loss", "rate"]);
    expect(open().curve(run(), "accuracy")).to.equal(undefined);
  });

  it("finds a value by its step", () => {
    const points = [3, 1, 2].map((value, i) => [10 * (i + 1), { loss: value }] as const);
    writeRun(run().folder, { points });
    const values = [9, 10, 19.5, 30, 1000].map((step) => open().at(run(), "loss", step));
    expect(values).to.deep.equal([undefined, 3, 3, 2, 2]);
  });

  it("puts what is out of order in order", () => {
    const points = [2, 1, 3].map((step) => [step, { loss: 10 * step }] as const);
    writeRun(run().folder, { points });
    const line = open().line(run(), "loss", "step")!;
    expect([[...line.x], [...line.y]]).to.deep.equal([
      [1, 2, 3],
      [10, 20, 30],
    ]);
  });

  it("reads on when a run goes on, and anew when its log was replaced", () => {
    writeRun(run().folder, { points: [[1, { loss: 1 }]] });
    const series = open();
    const first = series.curve(run(), "loss")!;
    expect(series.curve(run(), "loss"), "unchanged").to.equal(first);
    appendFileSync(log(), metricLine([2, { loss: 2 }]) + '{"kind":"met');
    expect([...series.curve(run(), "loss")!.value]).to.deep.equal([1, 2]);
    expect([...first.value], "what was given out stays").to.deep.equal([1]);
    rmSync(log());
    expect(series.curve(run(), "loss")).to.equal(undefined);
    writeFileSync(log(), metricLine([1, { loss: 5 }]));
    expect([...series.curve(run(), "loss")!.value]).to.deep.equal([5]);
  });

  it("drops what was used longest ago when there is too much", () => {
    const runs = ["a", "b", "c"].map((id) => ({ ...run(), folder: folder.path(`runs/toy/${id}`) }));
    const points = Array.from({ length: 500 }, (_, step) => [step, { loss: step }] as const);
    for (const each of runs) writeRun(each.folder, { points });
    const series = open(30_000); // one takes some 20,000 bytes
    const [kept] = runs.map((each) => series.curve(each, "loss")).slice(-1);
    expect(series.bytes).to.be.at.most(30_000);
    expect(series.curve(runs[2]!, "loss")).to.equal(kept);
    expect(series.curve(runs[0]!, "loss")!.count).to.equal(500);
  });

  describe("with a long log", () => {
    const points = Array.from(
      { length: 10_500 },
      (_, step) => [step, { loss: step % 7, ...(step % 2 && { rate: step }) }] as const,
    );
    const columns = (): string =>
      folder.path("cache/columns", readdirSync(folder.path("cache/columns"))[0]!);

    it("keeps columns in a file, and reads on from there", () => {
      writeRun(run().folder, { points: [...points, ...points] });
      open().names(run());
      appendFileSync(log(), metricLine([21_000, { loss: 9 }]));
      const series = open();
      expect(series.curve(run(), "rate")!.count).to.equal(10_500);
      expect(series.curve(run(), "rate")!.step[1]).to.equal(3);
      expect(series.at(run(), "loss", 1e6)).to.equal(9);
      expect(series.curve(run(), "loss")!.count).to.equal(21_001);
      expect(series.bytes).to.be.lessThan(1e6);
    });

    it("keeps the steps of runs that have logged at the same ones in memory once", () => {
      const other = { ...run(), folder: folder.path("runs/toy/bbbb") };
      writeRun(run().folder, { points: [...points, ...points] });
      writeRun(other.folder, { points: [...points, ...points] });
      const start = open();
      for (const each of [run(), other]) start.names(each);
      appendFileSync(path.join(other.folder, "metrics.jsonl"), metricLine([21_000, { loss: 9 }]));
      const series = open();
      const [steps, more] = [run(), other].map((each) => series.curve(each, "loss")!.step);
      expect([steps!.length, more!.length, more![21_000]]).to.deep.equal([21_000, 21_001, 21_000]);
      const again = open().curve(run(), "loss")!;
      expect(again.step).to.equal(steps);
      expect(again.value).not.to.equal(series.curve(run(), "loss")!.value);
    });

    it("finds the columns that an index has kept, as long as there is the run", async () => {
      writeRun(run().folder, { points: [...points, ...points] });
      const earlier = new Date("2026-01-01");
      utimesSync(log(), earlier, earlier);
      await RunIndex.open({ folders: [folder.path("runs")], cacheFolder: folder.path("cache") });
      writeFileSync(log(), "x".repeat(statSync(log()).size)); // unseen: the same size and time
      utimesSync(log(), earlier, earlier);
      expect(open().at(run(), "loss", 6)).to.equal(6);
      rmSync(run().folder, { recursive: true });
      await RunIndex.open({ folders: [folder.path("runs")], cacheFolder: folder.path("cache") });
      expect(readdirSync(folder.path("cache/columns")), "of a run that is gone").to.deep.equal([]);
    });

    for (const [name, damage] of [
      ["cut off", (file: string) => truncateSync(file, 1000)],
      ["no such file", (file: string) => writeFileSync(file, "x")],
      ["removed", (file: string) => rmSync(file)],
    ] as const) {
      it(`reads the log when that is ${name}, even while it is in use`, () => {
        writeRun(run().folder, { points: [...points, ...points] });
        open().names(run());
        const series = open();
        series.names(run());
        damage(columns());
        for (const each of [series, open()]) {
          expect(each.curve(run(), "loss")!.value[20_999]).to.equal(10_499 % 7);
          expect(each.line(run(), "rate", "time")!.x.length).to.equal(10_500);
        }
      });
    }
  });
});
