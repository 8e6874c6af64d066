import { rmSync, utimesSync } from "node:fs";
import { hostname } from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { waitForOwner } from "../../../framework/cli/waitForOwner.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("waitForOwner()", () => {
  const folder = temporaryFolder();

  /** A run that a process holds which is not there; a lock of another machine is one for 300 s. */
  function write(
    host: string,
    ageSeconds: number,
    container: { pidNamespace?: string } = {},
  ): void {
    const lock = JSON.stringify({ pid: 4_000_000, host, processStart: "", ...container });
    const lockFile = `run.${host}.4000000.lock`;
    folder.write({ "manifest.json": "{}", [lockFile]: lock });
    touch(ageSeconds, lockFile);
    touch(ageSeconds);
  }
  function touch(ageSeconds: number, file = "manifest.json"): void {
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(folder.path(file), then, then);
  }
  async function told(): Promise<string[]> {
    const lines: string[] = [];
    await waitForOwner(folder.path(), (line) => lines.push(line), 0.05);
    return lines;
  }

  it("waits until a process of another machine counts as gone", async () => {
    write("node7", 299.7);
    const startMs = performance.now();
    expect(await told()).to.deep.equal([
      "Process 4000000 on node7 has left the run: waiting whether it lives",
    ]);
    expect(performance.now() - startMs).to.be.greaterThan(200);
  });

  it("waits no longer when the process gives a sign of life, or the run free", async () => {
    write("node7", 10);
    setTimeout(() => touch(0), 50);
    expect(await told()).to.have.length(1);
    setTimeout(() => rmSync(folder.path("run.node7.4000000.lock")), 50);
    expect(await told()).to.have.length(1);
  });

  it("waits for one in another container, whose number says nothing here", async () => {
    write(hostname(), 299.7, { pidNamespace: "pid:[1]" });
    expect(await told()).to.deep.equal([
      `Process 4000000 on ${hostname()} in another container has left the run: waiting whether it lives`,
    ]);
  });

  it("does not wait for one of this machine", async () => {
    write(hostname(), 10);
    expect(await told()).to.deep.equal([]);
  });
});
