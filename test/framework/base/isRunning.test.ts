import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect } from "chai";
import { describe, it } from "mocha";

import { isRunning } from "../../../framework/base/isRunning.ts";

describe("isRunning()", () => {
  it("is true of a process while it is there", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    expect(isRunning(child.pid!)).to.equal(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isRunning(child.pid!)).to.equal(false);
  });

  it("is true of another user's", () => {
    expect(isRunning(1)).to.equal(true);
  });
});
