import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { RunRecord } from "../../../../framework/tracking/metricsFile.ts";
import {
  at,
  historyOf,
  info,
  logOf,
  metricsAt,
  recordsOf,
  stepsOf,
  wandbLoggers,
} from "../../../support/wandbLoggers.ts";
import { readWandbRecords } from "../../../support/wandbReader.ts";

describe("wandbLogger() of a resumed run", () => {
  const { folder, open, folders } = wandbLoggers();

  it("continues in a second folder, each step once in the two together", async () => {
    const first = open();
    for (const step of [1, 2, 3, 4]) await first.logMetrics({ loss: step }, at(step));
    await first.flush(); // and here the process is killed, the row of step 4 not yet written
    const resume = { step: 2, records: [1, 2].map(metricsAt) };
    const second = open({ resume });
    for (const step of [3, 4, 5]) await second.logMetrics({ loss: 10 * step }, at(step));
    await second.finalize("finished");
    const [earlier = "", later = ""] = folders();
    expect([stepsOf(earlier), stepsOf(later)]).to.deep.equal([
      [1],
      [2, 3, 4, 5], // what the killed process had of step 2 may not be all
    ]);
    const run = recordsOf(later)[1]!.message;
    expect([run.int(14), run.int(18)], "starting step, resumed").to.deep.equal([2, 1]);
    expect(recordsOf(later).findLast(({ kind }) => kind === "summary")!.items).to.include({
      loss: "50",
    });
    expect(
      readWandbRecords(`${logOf(earlier)}.1.bak`).filter(({ kind }) => kind === "history"),
    ).to.have.length(3);
  });

  it("makes a folder whose name comes after all others, though the clock was set back since", async () => {
    mkdirSync(folder.path("wandb", "offline-run-21001231_235959-a1b2c3d4"), { recursive: true });
    for (const step of [1, 2]) {
      const logger = open();
      await logger.logMetrics({ loss: step }, at(step));
      await logger.finalize("interrupted");
    }
    const [, first = "", second = ""] = folders();
    expect([first, second].map((each) => path.basename(each))).to.deep.equal([
      "offline-run-21010101_000000-a1b2c3d4",
      "offline-run-21010101_000001-a1b2c3d4",
    ]);
    expect([stepsOf(first), stepsOf(second)]).to.deep.equal([[1], [2]]);
  });

  it("writes rows that the killed process had logged but not yet written", async () => {
    const first = open();
    for (const step of [1, 2]) await first.logMetrics({ loss: step }, at(step));
    appendFileSync(logOf(folders()[0]!), Buffer.from([1, 2, 3])); // killed while writing row 2
    const second = open({ resume: { step: 2, records: [1, 2].map(metricsAt) } });
    await second.logMetrics({ loss: 3 }, at(3));
    await second.finalize("finished");
    const [earlier = "", later = ""] = folders();
    expect([stepsOf(earlier), stepsOf(later)]).to.deep.equal([[1], [2, 3]]);
  });

  it("writes text and pictures again that were logged but not yet written", async () => {
    writeFileSync(folder.path("one.png"), Uint8Array.of(1));
    const image = { file: "one.png", width: 4, height: 2, sha256: "", caption: "cat" };
    const records: RunRecord[] = [
      { kind: "text", ...at(1), key: "note", text: "hi" },
      { kind: "images", ...at(1), key: "picture", images: [image, { ...image, file: "gone.png" }] },
    ];
    await open({ resume: { step: 1, records } }).finalize("finished");
    const [row] = historyOf(folders()[0]!);
    expect(row).to.include({ note: '"hi"', _step: "1" });
    expect(JSON.parse(row!["picture"]!)).to.include({
      _type: "image-file",
      caption: "cat",
      width: 4,
    });
  });

  it("leaves a damaged log as it is, and writes its rows again", async () => {
    const first = open();
    for (const step of [1, 2]) await first.logMetrics({ loss: step }, at(step));
    await first.finalize("interrupted");
    appendFileSync(logOf(folders()[0]!), Buffer.alloc(100)); // as after a loss of power
    const before = readFileSync(logOf(folders()[0]!));
    const warnings: string[] = [];
    const resume = { step: 1, records: [metricsAt(1)] };
    const second = open({ resume, warn: (line) => warnings.push(line) });
    await second.logMetrics({ loss: 2 }, at(2));
    await second.finalize("finished");
    expect(stepsOf(folders()[1]!)).to.deep.equal([1, 2]);
    expect(readFileSync(logOf(folders()[0]!)).equals(before)).to.equal(true);
    expect(warnings[0]).to.include("is damaged");
  });

  it("says so when W&B already has rows that the resumed run will repeat", async () => {
    const first = open();
    for (const step of [1, 2, 3]) await first.logMetrics({ loss: step }, at(step));
    await first.finalize("interrupted");
    const before = readFileSync(logOf(folders()[0]!));
    writeFileSync(`${logOf(folders()[0]!)}.synced`, "");
    const warnings: string[] = [];
    const second = open({
      resume: { step: 1, records: [metricsAt(1)] },
      warn: (line) => warnings.push(line),
    });
    await second.finalize("finished");
    expect(warnings[0]).to.match(/^W&B already has rows after step 1 from .*offline-run-/);
    expect(readFileSync(logOf(folders()[0]!)).equals(before)).to.equal(true);
  });

  it("says nothing when W&B has the last row as it is written again, only when more is logged there", async () => {
    const first = open();
    for (const step of [1, 2])
      await first.logMetrics({ loss: step / 3, "grad/norm": NaN }, at(step));
    await first.logText("note", "hi", at(2));
    await first.finalize("interrupted");
    const records: RunRecord[] = [
      { kind: "metrics", ...at(2), metrics: { loss: 2 / 3, "grad/norm": NaN } },
      { kind: "text", ...at(2), key: "note", text: "hi" },
    ];
    const [synced = ""] = folders();
    const before = readFileSync(logOf(synced));
    writeFileSync(`${logOf(synced)}.synced`, "");
    const warnings: string[] = [];
    const resume = { step: 2, records };
    const warn = (line: string): number => warnings.push(line);
    const second = open({ resume, warn });
    await second.logMetrics({ loss: 3 }, at(3));
    await second.finalize("interrupted");
    expect(warnings).to.deep.equal([]);
    expect(historyOf(folders()[1]!)[0]).to.deep.equal(historyOf(synced)[1]);

    const third = open({ resume, warn });
    await third.logMetrics({ "val/loss": 1 }, at(2));
    await third.finalize("finished");
    expect(warnings).to.deep.equal([
      `W&B already has the row of step 2 from ${synced}, and the resumed run has logged more there; seedbed wandb sync overwrites what is there with the resumed run's, wandb sync repeats the step`,
    ]);
    expect(readFileSync(logOf(synced)).equals(before)).to.equal(true);
  });

  it("keeps no copy of a log that loses the row alone that is written again, unless that had more", async () => {
    const copies = (): string[] =>
      readdirSync(folders()[0]!).filter((name) => name.endsWith(".bak"));
    const first = open();
    for (const step of [1, 2]) await first.logMetrics({ loss: step }, at(step));
    await first.finalize("interrupted");
    const second = open({ resume: { step: 2, records: [1, 2].map(metricsAt) } });
    await second.finalize("interrupted");
    expect([stepsOf(folders()[0]!), copies()]).to.deep.equal([[1], []]);
    expect(stepsOf(folders()[1]!)).to.deep.equal([2]);

    await open({ resume: { step: 1, records: [] } }).finalize("finished");
    expect([stepsOf(folders()[0]!), copies()]).to.deep.equal([
      [],
      [`run-${info.runId}.wandb.1.bak`],
    ]);
  });
});
