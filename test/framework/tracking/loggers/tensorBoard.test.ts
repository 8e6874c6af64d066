import { readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { tensorBoardLogger } from "../../../../framework/tracking/loggers/tensorBoard.ts";
import type { RunRecord } from "../../../../framework/tracking/metricsFile.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import { WireMessage } from "../../../support/protobufReader.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import {
  readEventFile,
  type ReadEvent,
  type ReadValue,
} from "../../../support/tensorBoardReader.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 100 + step });
const metricsRecord = (step: number, metrics: Record<string, number>): RunRecord => ({
  ...{ kind: "metrics", ...at(step) },
  metrics,
});

/** Events of every file of a run, in the order in which readers take them. */
function readEvents(run: string): ReadEvent[] {
  const folder = path.join(run, "tensorboard");
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readEventFile(path.join(folder, name)));
}

function readTag(run: string, tag: string): { step: number; value: ReadValue }[] {
  return readEvents(run).flatMap(({ step, values }) =>
    values.filter((value) => value.tag === tag).map((value) => ({ step, value })),
  );
}

describe("tensorBoardLogger()", () => {
  const folder = temporaryFolder();
  loggerContract(() => tensorBoardLogger({ folder: folder.path("contract") }));

  it("writes scalars as float32 tensors, with metadata on a tag's first value", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    await logger.logMetrics({ "train/loss": 0.1, "train/norm": NaN }, at(1));
    await logger.logMetrics({ "train/loss": 0.25 }, at(2));
    await logger.finalize("finished");
    const [first, second] = readTag(folder.path(), "train/loss");
    const tensor = { dtype: 1, shape: [], doubles: [], strings: [] };
    expect(first).to.deep.include({ step: 1 });
    expect(first?.value).to.deep.include({
      ...tensor,
      floats: [Math.fround(0.1)],
      plugin: "scalars",
      dataClass: 1,
    });
    expect(second?.value).to.deep.equal({ ...tensor, tag: "train/loss", floats: [0.25] });
    expect(readTag(folder.path(), "train/norm")[0]?.value.floats).to.deep.equal([NaN]);
  });

  it("writes images as width, height and the encoded pictures", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    const images = [1, 2].map((byte) => ({ png: Uint8Array.of(byte), width: 64, height: 48 }));
    await logger.logImages("samples", images, at(4));
    await logger.finalize("finished");
    const { step, value } = readTag(folder.path(), "samples")[0]!;
    expect(step).to.equal(4);
    expect(value).to.deep.include({ plugin: "images", dataClass: 3, dtype: 7, shape: [4] });
    expect(value.strings.map((text) => text.toString("latin1"))).to.deep.equal([
      "64",
      "48",
      "\x01",
      "\x02",
    ]);
  });

  it("writes histograms as rows of left edge, right edge and count", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    await logger.logHistogram("weights/w", { edges: [-1, 0, 0.1], counts: [7, 2] }, at(3));
    await logger.finalize("finished");
    const { step, value } = readTag(folder.path(), "weights/w")[0]!;
    expect(step).to.equal(3);
    expect(value).to.deep.include({ plugin: "histograms", dataClass: 2, dtype: 2, shape: [2, 3] });
    expect(value.doubles).to.deep.equal([-1, 0, 7, 0, 0.1, 2]);
  });

  it("writes text as a string of rank 0", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    await logger.logText("notes", "größer", at(0));
    await logger.finalize("finished");
    const { value } = readTag(folder.path(), "notes")[0]!;
    expect(value).to.deep.include({ plugin: "text", dataClass: 2, dtype: 7, shape: [] });
    expect(value.strings.map(String)).to.deep.equal(["größer"]);
  });

  it("writes tables as text of rank 2 that shows every character", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    const columns = ["word", "a_b"];
    await logger.logTable(
      "words",
      {
        columns,
        rows: [
          ["<b>&_x_", 1.5],
          [null, NaN],
        ],
      },
      at(2),
    );
    await logger.finalize("finished");
    const { value } = readTag(folder.path(), "words")[0]!;
    expect(value).to.deep.include({ plugin: "text", dataClass: 2, dtype: 7, shape: [3, 2] });
    expect(value.strings.map(String)).to.deep.equal([
      ...["**word**", String.raw`**a\_b**`],
      ...[String.raw`&lt;b>&amp;\_x\_`, "1.5"],
      ...["", "NaN"],
    ]);
  });

  it("writes curves of precision and recall as six rows over the thresholds", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    const examples = { labels: [true, false], predictions: [0.9, 0.1], thresholds: 3 };
    await logger.logPrCurve("pr", examples, at(2));
    await logger.finalize("finished");
    const { value } = readTag(folder.path(), "pr")[0]!;
    expect(value).to.deep.include({ plugin: "pr_curves", dataClass: 2, dtype: 1, shape: [6, 3] });
    expect(value.content?.int(2)).to.equal(3); // number of thresholds
    expect(value.floats).to.deep.equal([
      ...[1, 1, 0], // true positives
      ...[1, 0, 0], // false positives
      ...[0, 1, 1], // true negatives
      ...[0, 0, 1], // false negatives
      ...[0.5, 1, 0], // precision
      ...[1, 1, 0], // recall
    ]);
  });

  /** The last layout of a run: charts by title, with their patterns of tags. */
  function readLayout(): Record<string, string[]> {
    const { value } = readTag(folder.path(), "custom_scalars__config__").at(-1)!;
    expect(value).to.deep.include({ plugin: "custom_scalars", dataClass: 2, dtype: 7, shape: [] });
    const [category] = new WireMessage(value.strings[0]!).messages(2);
    expect(category!.text(1)).to.equal("Training and validation");
    const charts = category!.messages(2).map((chart) => {
      return [chart.text(1), chart.message(2).allBytes(1).map(String)] as const;
    });
    return Object.fromEntries(charts);
  }

  it("lays training and validation of a metric over each other, also those that come later", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    await logger.logMetrics({ "val/loss": 1, "train/lr": 1, "train/loss": 1, loss: 2 }, at(3));
    await logger.flush();
    await logger.flush();
    expect(readLayout()).to.deep.equal({ loss: ["train/loss$", "val/loss$"] });
    await logger.logMetrics({ "test/a.b(c)": 1, "val/a.b(c)": 1 }, at(3));
    await logger.finalize("finished");
    expect(readLayout()).to.deep.equal({
      loss: ["train/loss$", "val/loss$"],
      "a.b(c)": [String.raw`val/a\.b\(c\)$`, String.raw`test/a\.b\(c\)$`],
    });
    expect(readTag(folder.path(), "custom_scalars__config__").map(({ step }) => step))
      .to.deep //
      .equal([3, 3]);
  });

  it("records settings and the end of the session for the hparams table", async () => {
    const logger = tensorBoardLogger({ folder: folder.path(), clock: () => 1000.5 });
    await logger.logHyperparameters({
      seed: 7,
      optimizer: { rate: 0.001, name: "adamW" },
      ema: true,
      sizes: [1, 2],
    });
    await logger.finalize("failed");
    const start = readTag(folder.path(), "_hparams_/session_start_info")[0]?.value;
    expect(start).to.deep.include({ plugin: "hparams", dtype: 1, shape: [0] });
    const info = start!.content!.message(3);
    const settings = info.messages(1).map((entry) => {
      const value = entry.message(2);
      const number = value.has(2) ? value.double(2) : undefined;
      return [entry.text(1), number ?? (value.has(4) ? value.int(4) === 1 : value.text(3))];
    });
    expect(settings).to.deep.equal([
      ["seed", 7],
      ["optimizer.rate", 0.001],
      ["optimizer.name", "adamW"],
      ["ema", true],
      ["sizes", "[1,2]"],
    ]);
    expect(info.double(5)).to.equal(1000.5);
    const end = readTag(folder.path(), "_hparams_/session_end_info")[0]!.value.content!.message(4);
    expect([end.int(1), end.double(2)]).to.deep.equal([2, 1000.5]);
  });

  it("puts runs that differ by their seed alone into one group", async () => {
    const groups: string[] = [];
    for (const [i, parameters] of [
      { seed: 1, size: 3 },
      { size: 3, seed: 2 },
      { seed: 1, size: 4 },
    ].entries()) {
      const run = folder.path(String(i));
      const logger = tensorBoardLogger({ folder: run });
      await logger.logHyperparameters(parameters);
      await logger.finalize("finished");
      groups.push(
        readTag(run, "_hparams_/session_start_info")[0]!.value.content!.message(3).text(4),
      );
    }
    expect(groups[0]).to.equal(groups[1]).and.not.equal(groups[2]);
  });

  it("leaves the session open when the run is interrupted, since readers keep the first end", async () => {
    const logger = tensorBoardLogger({ folder: folder.path() });
    await logger.finalize("interrupted");
    expect(readTag(folder.path(), "_hparams_/session_end_info")).to.deep.equal([]);
  });

  it("goes on in a new file with the checkpoint's step, what that lacks, and the steps after it", async () => {
    const first = tensorBoardLogger({ folder: folder.path() });
    for (const step of [1, 2, 3]) await first.logMetrics({ loss: step }, at(step));
    await first.flush(); // and here the process is killed
    const records = [1, 2].map((step) => metricsRecord(step, { loss: step }));
    const second = tensorBoardLogger({ folder: folder.path(), resume: { step: 2, records } });
    for (const step of [1, 2]) await second.logMetrics({ "val/loss": step }, at(step));
    await second.logMetrics({ loss: 30 }, at(3));
    await second.finalize("finished");
    await first.finalize("interrupted");
    expect(
      readEvents(folder.path()).map(({ step, sessionStatus }) =>
        sessionStatus ? `start ${step}` : step,
      ),
    ).to.deep.equal([0, "start 0", 1, 2, 3, 0, "start 2", 2, 2, 3, 0]);
    expect(readTag(folder.path(), "val/loss").map(({ step }) => step)).to.deep.equal([2]);
    expect(readTag(folder.path(), "loss").at(-1)).to.deep.include({ step: 3 });
    const [again, last] = readTag(folder.path(), "loss").slice(-2);
    expect([again?.value.floats, last?.value.floats]).to.deep.equal([[2], [30]]);
    expect(again?.value).to.include({ plugin: "scalars" });
  });

  it("leaves out values that come late or of another kind, and says so once", async () => {
    const warnings: string[] = [];
    const logger = tensorBoardLogger({
      folder: folder.path(),
      warn: (line) => warnings.push(line),
    });
    await logger.logMetrics({ loss: 1 }, at(5));
    await logger.logMetrics({ loss: 2 }, at(5)); // the same step: the first value stays, nothing is said
    expect(warnings).to.deep.equal([]);
    await logger.logMetrics({ loss: 3 }, at(4));
    await logger.logText("loss", "low", at(6));
    await logger.finalize("finished");
    expect(readTag(folder.path(), "loss")).to.have.length(1);
    expect(warnings).to.deep.equal([
      "TensorBoard leaves out values of loss: steps must grow, got 4 after 5; metrics.jsonl has them",
    ]);
  });
});
