import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import {
  at,
  historyOf,
  info,
  recordsOf,
  stepsOf,
  wandbLoggers,
} from "../../../support/wandbLoggers.ts";
import { readItems } from "../../../support/wandbReader.ts";

describe("wandbLogger()", () => {
  const { folder, open, folders } = wandbLoggers();
  loggerContract(open);

  it("writes the records of a run in W&B's order, numbered from 1", async () => {
    const logger = open({ files: { "wandb-metadata.json": "{}" } });
    await logger.logHyperparameters({ seed: 7 });
    await logger.logMetrics({ loss: 0.5 }, at(1));
    await logger.finalize("failed", { fidelity: 0.63, note: "ok" });
    const records = recordsOf(folders()[0]!);
    expect(records.map(({ kind }) => kind)).to.deep.equal([
      "header",
      "run",
      "files",
      "config",
      "history",
      "summary",
      "exit",
      "final",
      "footer",
    ]);
    expect(records.map(({ num }) => num)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [, run, files, , history, summary, exit] = records;
    expect(readItems(run!.message.message(4))).to.deep.equal({ seed: "7", model: '{"width":3}' });
    expect([run!.message.text(1), run!.message.text(3)]).to.deep.equal(["a1b2c3d4", "tests"]);
    const start = run!.message.message(17);
    expect([start.int(1), start.int(2)], "start time").to.deep.equal([1234, 500_000_000]);
    expect([run!.message.int(14), run!.message.int(18)], "starting step, resumed").to.deep.equal([
      0, 0,
    ]);
    expect(files!.message.messages(1).map((file) => [file.text(1), file.int(3)])).to.deep.equal([
      ["wandb-metadata.json", 1],
    ]);
    expect(history!.items).to.deep.equal({
      loss: "0.5",
      epoch: "0",
      _step: "1",
      _runtime: "1",
      _timestamp: "1001",
    });
    expect(history!.message.message(2).int(1)).to.equal(1);
    expect(summary!.items).to.deep.equal({
      loss: "0.5",
      fidelity: "0.63",
      note: '"ok"',
      "_wandb.runtime": "235",
    });
    expect([exit!.message.int(1), exit!.message.int(2)], "exit code, runtime").to.deep.equal([
      1, 235,
    ]);
  });

  it("names its folder so that `wandb sync` takes it", async () => {
    await open().finalize("finished");
    expect(path.basename(folders()[0]!)).to.match(/^offline-run-\d{8}_\d{6}-a1b2c3d4$/);
    expect(existsSync(path.join(folders()[0]!, "files"))).to.equal(true);
  });

  it("puts all that is logged at one step into one row", async () => {
    const logger = open();
    await logger.logMetrics({ "train/loss": 1 }, at(1));
    await logger.flush();
    await logger.logMetrics({ "val/loss": NaN }, at(1));
    await logger.logText("note", 'a "word"', at(1));
    await logger.logMetrics({ "train/loss": -Infinity }, at(2));
    await logger.finalize("finished");
    const rows = historyOf(folders()[0]!).map(({ _step, _runtime, _timestamp, ...row }) => row);
    expect(rows).to.deep.equal([
      { "train/loss": "1", "val/loss": "NaN", note: '"a \\"word\\""', epoch: "0" },
      { "train/loss": "-Infinity", epoch: "0" },
    ]);
  });

  it("stores pictures and announces them before the row that shows them", async () => {
    const logger = open();
    const picture = (byte: number) => ({ png: Uint8Array.of(byte), width: 4, height: 2 });
    await logger.logImages("val/one", [{ ...picture(1), caption: "cat" }], at(1));
    await logger.logImages("two", [picture(1), picture(2)], at(1));
    await logger.finalize("finished");
    const run = folders()[0]!;
    expect(
      recordsOf(run)
        .map(({ kind }) => kind)
        .slice(2, 5),
    ).to.deep.equal(["files", "files", "history"]);
    const row = historyOf(run)[0]!;
    const sha256 = "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    const file = `media/images/val/one_1_${sha256.slice(0, 20)}.png`;
    const picture1 = {
      _type: "image-file",
      sha256,
      size: 1,
      path: file,
      format: "png",
      width: 4,
      height: 2,
    };
    expect(JSON.parse(row["val/one"]!)).to.deep.equal({ ...picture1, caption: "cat" });
    const batch = JSON.parse(row["two"]!);
    expect(batch).to.deep.include({
      _type: "images/separated",
      count: 2,
      width: 4,
      height: 2,
      format: "png",
    });
    for (const name of [file, ...batch.filenames])
      expect(existsSync(path.join(run, "files", name)), name).to.equal(true);
  });

  it("writes histograms in W&B's form, in the row and in the summary", async () => {
    const logger = open();
    await logger.logHistogram("weights/w", { edges: [-1, 0, 0.1], counts: [7, 2] }, at(1));
    await logger.finalize("finished");
    const records = recordsOf(folders()[0]!);
    for (const kind of ["history", "summary"]) {
      const { items } = records.find((record) => record.kind === kind)!;
      expect(items["weights/w"], kind).to.equal(
        '{"_type":"histogram","values":[7,2],"bins":[-1,0,0.1]}',
      );
    }
  });

  it("stores pictures and tables of keys that are longer than files' names", async () => {
    const key = "x".repeat(300);
    const logger = open();
    await logger.logImages(key, [{ png: Uint8Array.of(1), width: 4, height: 2 }], at(1));
    await logger.logTable(key, { columns: ["a"], rows: [[1]] }, at(2));
    await logger.finalize("finished");
    const rows = historyOf(folders()[0]!);
    expect(rows).to.have.length(2);
    for (const row of rows) {
      const { path: file }: { path: string } = JSON.parse(row[key]!);
      expect(existsSync(path.join(folders()[0]!, "files", file)), file).to.equal(true);
    }
  });

  it("stores tables, and curves as tables", async () => {
    const logger = open();
    const table = {
      columns: ["é", "b"],
      rows: [
        ["<x>", NaN],
        [null, true],
      ],
    };
    await logger.logTable("val/samples", table, at(1));
    const counts = { truePositives: [1, 1], falsePositives: [1, 0], trueNegatives: [0, 1] };
    const curve = { ...counts, falseNegatives: [0, 0], precision: [0.5, 1], recall: [1, 0.25] };
    await logger.logPrCurve("curve", curve, at(1));
    await logger.finalize("finished");
    const run = folders()[0]!;
    const row = historyOf(run)[0]!;
    const value = JSON.parse(row["val/samples"]!);
    expect(value).to.include({ _type: "table-file", size: 55, ncols: 2, nrows: 2 });
    expect(value.path).to.match(/^media\/table\/val\/samples_1_[0-9a-f]{20}\.table\.json$/);
    expect(readFileSync(path.join(run, "files", value.path), "utf8")).to.equal(
      '{"columns":["é","b"],"data":[["<x>",NaN],[null,true]]}',
    );
    const { path: curvePath } = JSON.parse(row["curve"]!);
    expect(JSON.parse(readFileSync(path.join(run, "files", curvePath), "utf8"))).to.deep.equal({
      columns: ["threshold", "precision", "recall"],
      data: [
        [0, 0.5, 1],
        [1, 1, 0.25],
      ],
    });
  });

  it("names what the run made, where it is, and leaves out what it used", async () => {
    folder.write({ "checkpoints/last.bin": "hello" });
    const artifact = { type: "model", sha256: "ff00", bytes: 5, step: 3 };
    const logger = open();
    await logger.logArtifact({
      ...artifact,
      name: "last",
      path: "checkpoints/last.bin",
      direction: "output",
    });
    await logger.logArtifact({ ...artifact, name: "start", path: "start.bin", direction: "input" });
    await logger.finalize("finished");
    const artifacts = recordsOf(folders()[0]!).filter(({ kind }) => kind === "artifact");
    expect(artifacts.map(({ message }) => message.text(5))).to.deep.equal(["last"]);
    const entry = artifacts[0]!.message.message(12).message(4);
    expect(entry.text(3)).to.equal(`file://${folder.path("checkpoints/last.bin")}`);
  });

  it("leaves out values of a step before the last, and says so once", async () => {
    const warnings: string[] = [];
    const logger = open({ warn: (line) => warnings.push(line) });
    for (const step of [2, 1, 0, 3]) await logger.logMetrics({ loss: step }, at(step));
    await logger.finalize("finished");
    expect(stepsOf(folders()[0]!)).to.deep.equal([2, 3]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/^W&B leaves out values of step 1/);
  });

  it("writes the summary while the run goes on", async () => {
    const logger = open({ intervalSeconds: 0.01 });
    await logger.logMetrics({ loss: 0.5 }, at(1));
    await setTimeout(50);
    const summaries = recordsOf(folders()[0]!).filter(({ kind }) => kind === "summary");
    expect(summaries[0]!.items).to.deep.equal({ loss: "0.5", "_wandb.runtime": "235" });
    await logger.finalize("finished");
  });

  it("announces the files beside the numbers", async () => {
    await open({ files: { "requirements.txt": "node==20.1.0\n" } }).finalize("finished");
    const run = folders()[0]!;
    const { message } = recordsOf(run).find(({ kind }) => kind === "files")!;
    expect(message.messages(1).map((file) => [file.text(1), file.int(3)])).to.deep.equal([
      ["requirements.txt", 1],
    ]);
    expect(readFileSync(path.join(run, "files/requirements.txt"), "utf8")).to.equal(
      "node==20.1.0\n",
    );
  });

  it("writes a configuration of any values, NaN and infinities bare", async () => {
    const circular: Record<string, unknown> = { deep: [NaN, { x: -Infinity }] };
    circular["self"] = circular;
    const config = {
      circular,
      when: new Date(0),
      big: 2n ** 64n,
      list: Float32Array.of(1, Infinity),
      gone: undefined,
      call: () => {},
      "half \ud800": "<b>é\ud800",
    };
    await open({ info: { ...info, config } }).finalize("finished");
    expect(readItems(recordsOf(folders()[0]!)[1]!.message.message(4))).to.deep.equal({
      circular: '{"deep":[NaN,{"x":-Infinity}],"self":"[circular]"}',
      when: '"1970-01-01T00:00:00.000Z"',
      big: "18446744073709551616",
      list: "[1,Infinity]",
      gone: "null",
      call: "null",
      "half \ufffd": '"<b>é\\ud800"',
    });
  });

  for (const [what, bad] of [
    ["id", { runId: "a/b" }],
    ["tags", { tags: ["x".repeat(65)] }],
  ] as const) {
    it(`refuses ${what} that W&B would refuse`, () => {
      expect(() => open({ info: { ...info, ...bad } })).to.throw(InputError, "Cannot open W&B run");
    });
  }
});
