import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import { metricLine, writeRun } from "../../support/runFolders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("RunIndex", () => {
  const folder = temporaryFolder();
  const open = (): Promise<RunIndex> =>
    RunIndex.open({ folders: [folder.path("runs")], cacheFolder: folder.path("cache") });

  it("knows a run's settings, its end and its metrics", async () => {
    writeRun(folder.path("runs/toy/aaaa"), {
      manifest: { summary: { accuracy: 0.9, loss: "NaN" } },
      spec: {
        seed: 7,
        optimizer: { learningRate: 0.1, betas: [0.9, 0.99] },
        callbacks: [{ earlyStopping: { patience: 2 } }],
        maxTime: null,
      },
      points: [
        [10, { loss: 3 }],
        [20, { loss: 1, accuracy: Infinity }],
        [30, { loss: 2 }],
      ],
    });
    const [run] = (await open()).runs();
    expect(run).to.deep.include({
      key: "aaaa",
      folder: folder.path("runs/toy/aaaa"),
      name: "toy",
      source: "seedbed",
      status: "finished",
      durationSeconds: 3600,
      step: 30,
      config: {
        seed: 7,
        "optimizer.learningRate": 0.1,
        "optimizer.betas": "[0.9,0.99]",
        "callbacks.earlyStopping.patience": 2,
        maxTime: null,
      },
      metrics: {
        loss: { last: 2, lastStep: 30, min: 1, minStep: 20, max: 3, maxStep: 10, count: 3 },
        accuracy: {
          ...{ last: Infinity, lastStep: 20, min: NaN, minStep: 20, max: NaN, maxStep: 20 },
          count: 1,
        },
      },
      summary: { accuracy: 0.9, loss: NaN },
      problems: [],
    });
  });

  it("takes the first finite values for extremes", async () => {
    const points = [NaN, 5, -Infinity, 5].map((loss, step) => [step, { loss }] as const);
    writeRun(folder.path("runs/toy/aaaa"), { points });
    expect((await open()).run("aaaa")?.metrics["loss"]).to.deep.equal({
      ...{ last: 5, lastStep: 3, min: 5, minStep: 1, max: 5, maxStep: 1, count: 4 },
    });
  });

  it("puts runs that differ in their seed alone into one group", async () => {
    writeRun(folder.path("runs/toy/a"), { spec: { seed: 1, size: 32, depth: 2 } });
    writeRun(folder.path("runs/toy/b"), { spec: { depth: 2, size: 32, seed: 2 } });
    writeRun(folder.path("runs/toy/c"), { spec: { seed: 1, size: 64, depth: 2 } });
    const [a, b, c] = (await open()).runs().map(({ group }) => group);
    expect(a).to.equal(b);
    expect(a).to.not.equal(c);
  });

  it("reads what was appended, and says what has changed", async () => {
    const file = folder.path("runs/toy/aaaa/metrics.jsonl");
    writeRun(folder.path("runs/toy/aaaa"), { points: [[1, { loss: 3 }]] });
    const index = await open();
    const { revision } = index;
    const before = index.run("aaaa");
    expect(await index.refresh()).to.deep.equal({ appeared: [], changed: [], gone: [] });
    expect(index.revision).to.equal(revision);
    const line = metricLine([2, { loss: 2 }]);
    appendFileSync(file, line.slice(0, 30)); // half of a write
    await index.refresh();
    expect(index.run("aaaa")?.metrics["loss"]?.count).to.equal(1);
    appendFileSync(file, line.slice(30));
    expect((await index.refresh()).changed).to.deep.equal(["aaaa"]);
    expect(index.run("aaaa")?.metrics["loss"]).to.include({ last: 2, lastStep: 2, count: 2 });
    expect(index.run("aaaa")?.problems).to.deep.equal([]);
    expect(before?.metrics["loss"]?.count, "what was given out stays as it was").to.equal(1);
    expect(index.revision).to.be.greaterThan(revision);
  });

  it("begins a log anew that was replaced, as resuming does", async () => {
    const run = folder.path("runs/toy/aaaa");
    writeRun(run, { points: [1, 2, 3].map((step) => [step, { loss: step }] as const) });
    const index = await open();
    const lines = [1, 2, 3, 4].map((step) => metricLine([step, { loss: -step }]));
    writeFileSync(`${run}/new`, lines.join(""));
    renameSync(`${run}/new`, `${run}/metrics.jsonl`);
    await index.refresh();
    expect(index.run("aaaa")?.metrics["loss"]).to.include({ max: -1, min: -4, count: 4 });
  });

  it("finds runs that come, and drops those that go", async () => {
    writeRun(folder.path("runs/toy/aaaa"));
    const index = await open();
    writeRun(folder.path("runs/other/sweep/bbbb"));
    expect((await index.refresh()).appeared).to.deep.equal(["bbbb"]);
    rmSync(folder.path("runs/toy"), { recursive: true });
    expect((await index.refresh()).gone).to.deep.equal(["aaaa"]);
    expect(index.runs().map(({ key }) => key)).to.deep.equal(["bbbb"]);
    writeRun(folder.path("runs/toy/aaaa"));
    expect((await index.refresh()).appeared).to.deep.equal(["aaaa"]);
    expect(index.folderOf("aaaa")).to.equal(folder.path("runs/toy/aaaa"));
  });

  it("gives folders with one id different keys, which stay", async () => {
    writeRun(folder.path("runs/b/aaaa"));
    const index = await open();
    writeRun(folder.path("runs/a/aaaa"));
    await index.refresh();
    expect(index.folderOf("aaaa")).to.equal(folder.path("runs/b/aaaa"));
    expect(index.folderOf("aaaa~2")).to.equal(folder.path("runs/a/aaaa"));
  });

  it("sees a run live, end and be killed", async () => {
    const options = { name: "toy", seed: 1, spec: {}, specYaml: "seed: 1\n", command: ["seedbed"] };
    const run = createRun({ ...options, root: folder.path("runs"), id: "aaaa" });
    const index = await open();
    expect(index.run("aaaa")?.status).to.equal("running");
    await run.finish("failed");
    await index.refresh();
    expect(index.run("aaaa")?.status).to.equal("failed");
    writeRun(folder.path("runs/toy/bbbb"), { manifest: { status: "running" } }); // holds no lock
    await index.refresh();
    expect(index.run("bbbb")?.status).to.equal("interrupted");
  });

  it("counts the time of each process, not the time between", async () => {
    const second = { command: [], startedAt: "2026-01-01T05:00:00.000Z", versions: {}, host: {} };
    writeRun(folder.path("runs/toy/aaaa"), {
      manifest: { resumes: [second], endedAt: "2026-01-01T06:00:00.000Z" },
      points: [
        [10, { loss: 1 }],
        [301, { loss: 1 }],
      ],
    });
    expect((await open()).run("aaaa")?.durationSeconds).to.equal(600 + 3600);
  });

  it("reads what the user says of a run", async () => {
    writeRun(folder.path("runs/toy/aaaa"), { spec: { tags: ["baseline"] } });
    const index = await open();
    expect(index.run("aaaa")?.tags).to.deep.equal(["baseline"]);
    const notes = { tags: ["best"], notes: "<b>good</b>", starred: true, name: "Fir 🌲" };
    folder.write({ "runs/toy/aaaa/notes.json": JSON.stringify(notes) });
    await index.refresh();
    expect(index.run("aaaa")).to.deep.include({
      ...{ tags: ["best"], notes: "<b>good</b>", starred: true, archived: false, title: "Fir 🌲" },
    });
  });

  it("keeps runs visible whose files are damaged, and says what is", async () => {
    writeRun(folder.path("runs/toy/aaaa"), { points: [[1, { loss: 1 }]] });
    folder.write({
      "runs/toy/aaaa/manifest.json": '{"formatVersion": 1, "id"',
      "runs/toy/aaaa/spec.yaml": "a: [",
      "runs/toy/aaaa/notes.json": '{"tags": 3, "starred": true}',
    });
    appendFileSync(folder.path("runs/toy/aaaa/metrics.jsonl"), 'x\n{"kind":"metrics"}\n\0\0\n');
    const run = (await open()).run("aaaa");
    expect(run).to.include({ name: "toy", status: "interrupted", starred: true, step: 1 });
    expect(run?.problems).to.deep.equal([
      "manifest.json is damaged",
      "spec.yaml cannot be read",
      "notes.json is damaged",
      "3 lines of metrics.jsonl could not be read",
    ]);
  });

  it("says when a run's clock is ahead", async () => {
    writeRun(folder.path("runs/toy/aaaa"), {
      manifest: { startedAt: "2100-01-01T00:00:00.000Z", heartbeatAt: "2100-01-01T00:00:00.000Z" },
    });
    const run = (await open()).run("aaaa");
    expect(run?.durationSeconds).to.equal(0);
    expect(run?.problems.join()).to.match(/^Its last sign of life lies \d+ s in the future/);
  });

  it("passes over folders that hold no run", async () => {
    folder.write({
      "runs/.trash/aaaa/manifest.json": "{}",
      "runs/notes/readme.md": "",
      "runs/x": "",
    });
    expect((await open()).runs()).to.deep.equal([]);
    expect(
      (await RunIndex.open({ folders: ["/no/such"], cacheFolder: null })).runs(),
    ).to.deep.equal([]);
  });

  it("keeps 10,000 metrics of one run, with names as they come", async () => {
    const metrics = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m/${i}`, i]));
    const odd = { ...metrics, ["<b>\u2028"]: 1, ['{"step":']: 2 };
    writeRun(folder.path("runs/toy/aaaa"), { points: [[1, odd]] });
    for (const pass of ["cold", "warm"]) {
      const run = (await open()).run("aaaa");
      expect(Object.keys(run?.metrics ?? {}).length, pass).to.equal(10_002);
      expect(run?.metrics["<b>\u2028"]?.last, pass).to.equal(1);
    }
  });

  describe("with what it has stored", () => {
    const stored = (): string => folder.path("cache/run-index.jsonl");

    it("knows the same, without reading the logs again", async () => {
      writeRun(folder.path("runs/toy/aaaa"), {
        manifest: { summary: { loss: "-Infinity" } },
        spec: { name: "toy", rate: Infinity, size: null, text: "NaN" },
        points: [[1, { loss: NaN }]],
      });
      const log = folder.path("runs/toy/aaaa/metrics.jsonl");
      const earlier = new Date("2026-01-01");
      utimesSync(log, earlier, earlier);
      const cold = (await open()).runs();
      writeFileSync(log, "x".repeat(metricLine([1, { loss: NaN }]).length)); // unseen: the same size
      utimesSync(log, earlier, earlier);
      expect((await open()).runs()).to.deep.equal(cold);
    });

    it("reads on where it was", async () => {
      writeRun(folder.path("runs/toy/aaaa"), { points: [[1, { loss: 3 }]] });
      await open();
      appendFileSync(folder.path("runs/toy/aaaa/metrics.jsonl"), metricLine([2, { loss: 2 }]));
      writeRun(folder.path("runs/toy/bbbb"));
      for (const pass of ["appended", "read back"]) {
        const index = await open();
        expect(index.run("aaaa")?.metrics["loss"], pass).to.include({ max: 3, min: 2, count: 2 });
        expect(index.runs().length, pass).to.equal(2);
      }
    });

    const damages: Record<string, (text: string) => string> = {
      "cut off": (text) => text.slice(0, -20),
      "of another version": (text) =>
        text.replace(/"version":\d+/, '"version":0').replaceAll("0.5", "9"),
      "no JSON": () => "\0".repeat(500),
      "without its names": (text) => text.replaceAll('"names"', '"nmaes"'),
      empty: () => "",
    };
    for (const [name, damage] of Object.entries(damages)) {
      it(`builds itself anew when that is ${name}`, async () => {
        writeRun(folder.path("runs/toy/aaaa"), { spec: { rate: 0.5 }, points: [[1, { loss: 3 }]] });
        writeRun(folder.path("runs/toy/bbbb"), { spec: { rate: 0.5 } });
        const cold = (await open()).runs();
        writeFileSync(stored(), damage(readFileSync(stored(), "utf8")));
        for (const pass of ["anew", "stored"])
          expect((await open()).runs(), pass).to.deep.equal(cold);
      });
    }

    it("works where nothing can be stored", async () => {
      writeRun(folder.path("runs/toy/aaaa"));
      folder.write({ file: "" });
      const options = { folders: [folder.path("runs")], cacheFolder: folder.path("file/below") };
      expect((await RunIndex.open(options)).runs().length).to.equal(1);
    });
  });
});
