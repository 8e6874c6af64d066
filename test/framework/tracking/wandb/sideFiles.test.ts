import { appendFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { recordsOf, wandbLoggers } from "../../../support/wandbLoggers.ts";

describe("W&B's copy of what the run prints and the machine does", () => {
  const { folder, open, folders } = wandbLoggers();

  const consoleLine = (time: number, text: string, stream = "stdout") =>
    `${JSON.stringify({ time, stream, text })}\n`;
  const outputOf = (run: string): (string | number)[][] =>
    recordsOf(run)
      .filter(({ kind }) => kind === "output")
      .map(({ message }) => [message.int(1), message.message(2).int(1), message.text(3)]);

  it("takes over what the run prints, as it is", async () => {
    const logger = open();
    appendFileSync(folder.path("console.jsonl"), consoleLine(1001.5, "épisode 1 <b>"));
    await logger.flush();
    appendFileSync(
      folder.path("console.jsonl"),
      "not JSON\n" + consoleLine(1002, "half \ud800", "stderr"),
    );
    await logger.finalize("finished");
    expect(outputOf(folders()[0]!)).to.deep.equal([
      [1, 1001, "épisode 1 <b>\n"],
      [0, 1002, "half \ufffd\n"],
    ]);
  });

  it("takes over what the machine does, by W&B's names", async () => {
    const metrics = {
      cpu: 12.5,
      "memory.percent": 40,
      "process.memory.rssMB": 1.048576,
      custom: "NaN",
    };
    writeFileSync(folder.path("system.jsonl"), `${JSON.stringify({ time: 1003.25, metrics })}\n`);
    await open().finalize("finished");
    const { message } = recordsOf(folders()[0]!).find(({ kind }) => kind === "stats")!;
    expect([message.message(2).int(1), message.message(2).int(2)]).to.deep.equal([
      1003, 250_000_000,
    ]);
    const items = message.messages(3).map((item) => [item.text(1), item.text(16)]);
    expect(Object.fromEntries(items)).to.deep.equal({
      cpu: "12.5",
      memory_percent: "40",
      "proc.memory.rssMB": "1",
      custom: "NaN",
    });
  });

  it("takes over each printed line once when the run is resumed", async () => {
    writeFileSync(folder.path("console.jsonl"), consoleLine(1001.123456, "first"));
    const first = open();
    await first.flush(); // and here the process is killed
    appendFileSync(folder.path("console.jsonl"), consoleLine(1002, "last words"));
    await open({ resume: { step: 0, records: [] } }).finalize("finished");
    expect(folders().map((run) => outputOf(run).map(([, , line]) => line))).to.deep.equal([
      ["first\n"],
      ["last words\n"],
    ]);
  });
});
