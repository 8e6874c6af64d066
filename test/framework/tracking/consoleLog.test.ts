import { appendFileSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import {
  ConsoleLog,
  readConsole,
  type ConsoleLogOptions,
} from "../../../framework/tracking/consoleLog.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("ConsoleLog", () => {
  const folder = temporaryFolder();
  const open = (options: Partial<ConsoleLogOptions> = {}): ConsoleLog =>
    new ConsoleLog({ folder: folder.path(), clock: () => 100, environment: {}, ...options });
  const texts = (): string[] => readConsole(folder.path()).map(({ text }) => text);

  it("keeps each line with its stream and its time, whatever pieces it comes in", () => {
    const log = open();
    log.write("stdout", "one\ntw");
    log.write("stderr", "warning\n");
    log.write("stdout", "o\n\nünd <b>");
    log.close();
    expect(readConsole(folder.path())).to.deep.equal([
      { time: 100, stream: "stdout", text: "one" },
      { time: 100, stream: "stderr", text: "warning" },
      { time: 100, stream: "stdout", text: "two" },
      { time: 100, stream: "stdout", text: "" },
      { time: 100, stream: "stdout", text: "ünd <b>" },
    ]);
  });

  it("joins the bytes of a character that two chunks divide", () => {
    const bytes = Buffer.from("ü\n");
    const log = open();
    log.write("stdout", bytes.subarray(0, 1));
    log.write("stdout", bytes.subarray(1));
    log.close();
    expect(texts()).to.deep.equal(["ü"]);
  });

  it("keeps the last form of a line that rewrites itself, without colours", () => {
    const log = open();
    for (let i = 0; i <= 1000; i++) log.write("stderr", `\rstep ${i}\u001b[K`);
    log.write("stderr", "\n\u001b[32mgreen\u001b[0m\r\nwin\r");
    log.write("stderr", "\n");
    log.close();
    expect(texts()).to.deep.equal(["step 1000", "green", "win"]);
  });

  it("keeps no line of a private key, whatever another stream prints meanwhile", () => {
    const log = open();
    log.write("stdout", `a\n-----BEGIN PRIVATE KEY-----\n${"MIIE".repeat(16)}\n`);
    log.write("stderr", "warning\n");
    log.write("stdout", "abc=\n-----END PRIVATE KEY-----\nb\n");
    log.close();
    expect(texts()).to.deep.equal(["a", "[redacted]", "warning", "b"]);
  });

  it("takes out the values of secrets", () => {
    const log = open({ environment: { WANDB_API_KEY: "0123456789abcdef" } });
    log.write("stdout", "key 0123456");
    log.write("stdout", "789abcdef\n");
    log.close();
    expect(readFileSync(folder.path("console.jsonl"), "utf8")).to.equal(
      '{"time":100,"stream":"stdout","text":"key [redacted]"}\n',
    );
  });

  it("cuts a line that is longer than 10,000 characters", () => {
    const log = open();
    for (let i = 0; i < 30; i++) log.write("stdout", "x".repeat(1000));
    log.write("stdout", "\nnext\n");
    log.close();
    expect(texts()).to.deep.equal([`${"x".repeat(10_000)}… [cut here]`, "next"]);
  });

  it("leaves lines out when too much is printed, says how many, and keeps last words", () => {
    let now = 0;
    const log = open({ burstBytes: 100, bytesPerSecond: 50, clock: () => now });
    for (let i = 0; i < 10; i++) log.write("stdout", `line ${i}\n`); // 43 bytes each
    now = 2;
    log.write("stdout", "later\n");
    for (let i = 0; i < 10; i++) log.write("stdout", "flood\n");
    log.say("stderr", "Error: diverged");
    log.close();
    expect(texts()).to.deep.equal([
      "line 0",
      "line 1",
      "[8 lines are left out here: the run prints more than is kept]",
      "later",
      "flood",
      "[9 lines are left out here: the run prints more than is kept]",
      "Error: diverged",
    ]);
  });

  it("keeps lines although the clock is set back", () => {
    let now = 1000;
    const log = open({ burstBytes: 200, bytesPerSecond: 50, clock: () => now });
    for (now of [1000, 500, 501, 502]) log.write("stdout", `at ${now}\n`);
    log.close();
    expect(texts()).to.deep.equal(["at 1000", "at 500", "at 501", "at 502"]);
  });

  it("goes on after a process that was killed in the middle of a line", () => {
    const first = open();
    first.write("stdout", "one\n");
    first.close();
    appendFileSync(folder.path("console.jsonl"), '{"time":100,"str');
    expect(texts()).to.deep.equal(["one"]); // read while it is torn
    const second = open();
    second.write("stdout", "two\n");
    second.close();
    expect(texts()).to.deep.equal(["one", "two"]);
  });

  it("is empty for a run that has none", () => {
    expect(readConsole(folder.path())).to.deep.equal([]);
  });
});
