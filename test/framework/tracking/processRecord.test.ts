import { existsSync } from "node:fs";
import { Writable } from "node:stream";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readConsole } from "../../../framework/tracking/consoleLog.ts";
import {
  ProcessRecord,
  type ProcessRecordOptions,
} from "../../../framework/tracking/processRecord.ts";
import { readSystem } from "../../../framework/tracking/systemLog.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("ProcessRecord", () => {
  const folder = temporaryFolder();
  const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
  const streams = { stdout: sink(), stderr: sink() };
  const open = (options: Partial<ProcessRecordOptions> = {}): ProcessRecord =>
    new ProcessRecord({
      folder: folder.path(),
      consoleOutput: true,
      systemMetricsSeconds: 1000,
      warn: () => {},
      streams,
      ...options,
    });

  it("keeps what is printed, the last words, and the machine's state", async () => {
    const record = open();
    streams.stdout.write("hello\n");
    record.say("Error: diverged");
    await record.stop();
    streams.stdout.write("later\n");
    const lines = readConsole(folder.path()).map(({ stream, text }) => `${stream} ${text}`);
    expect(lines).to.deep.equal(["stdout hello", "stderr Error: diverged"]);
    expect(readSystem(folder.path())).to.have.length(2);
  });

  it("keeps nothing that is turned off", async () => {
    const record = open({ consoleOutput: false, systemMetricsSeconds: 0 });
    streams.stdout.write("hello\n");
    record.say("bye");
    await record.stop();
    expect(["console.jsonl", "system.jsonl"].map((name) => existsSync(folder.path(name))))
      .to.deep //
      .equal([false, false]);
  });
});
