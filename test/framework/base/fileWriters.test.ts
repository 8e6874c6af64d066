import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { fileWriters, waitForWriters } from "../../../framework/base/fileWriters.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("fileWriters()", () => {
  const folder = temporaryFolder();

  /** A process that has the file open until its input ends. */
  function hold(flags: "a" | "r"): ChildProcess {
    const handle = openSync(folder.path("log"), flags);
    try {
      const stdio = ["pipe", "ignore", "ignore", handle] as const;
      return spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: [...stdio] });
    } finally {
      closeSync(handle);
    }
  }

  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  it("names the processes that may write to a file, but not those that read it", async () => {
    folder.write({ log: "a", "other/log": "b" });
    const [writer, reader] = [hold("a"), hold("r")];
    try {
      expect(fileWriters(folder.path("log"))).to.deep.equal([writer.pid]);
      expect(fileWriters(folder.path("other", "log"))).to.deep.equal([]);
      expect(await waitForWriters(folder.path("log"), 0)).to.deep.equal([writer.pid]);
    } finally {
      const ended = [writer, reader].map((child) => once(child, "exit"));
      for (const child of [writer, reader]) child.stdin!.end();
      await Promise.all(ended);
    }
    expect(fileWriters(folder.path("log"))).to.deep.equal([]);
  });

  it("waits for them to end", async () => {
    folder.write({ log: "a" });
    const writer = hold("a");
    setTimeout(() => writer.stdin!.end(), 50);
    expect(await waitForWriters(folder.path("log"), 60_000)).to.deep.equal([]);
    expect(writer.exitCode ?? 0).to.equal(0);
  });

  it("knows none of a file that is not there", () => {
    expect(fileWriters(folder.path("no-such"))).to.deep.equal([]);
  });
});
