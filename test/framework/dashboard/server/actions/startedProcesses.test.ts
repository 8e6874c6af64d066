import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { ActionsEvent } from "../../../../../framework/dashboard/api.ts";
import { StartedProcesses } from "../../../../../framework/dashboard/server/actions/startedProcesses.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { rejection } from "../../../data/rejection.ts";

describe("StartedProcesses", () => {
  const folder = temporaryFolder();

  it("tells how a process ended, and what it said", async () => {
    const { promise, resolve } = withResolvers<ActionsEvent>();
    const processes = new StartedProcesses({
      directory: folder.path(),
      logFolder: folder.path("logs"),
      ended: resolve,
    });
    const code = "console.log('out'); console.error(process.cwd()); process.exit(3)";
    const started = await processes.start([process.execPath, "-e", code]);
    expect(await promise).to.deep.equal({
      ...started,
      exitCode: 3,
      output: `out\n${folder.path()}\n`,
    });
  });

  it("leaves no secret in what a process has said, and shows none", async () => {
    const { promise, resolve } = withResolvers<ActionsEvent>();
    const processes = new StartedProcesses({
      directory: folder.path(),
      logFolder: folder.path("logs"),
      ended: resolve,
    });
    const code = "console.log('token hf_' + '0123456789'.repeat(4)); process.exit(1)";
    await processes.start([process.execPath, "-e", code]);
    expect((await promise).output).to.equal("token [redacted]\n");
    const [log = "", ...others] = readdirSync(folder.path("logs"));
    expect(others).to.deep.equal([]);
    expect(readFileSync(folder.path("logs", log), "utf8")).to.equal("token [redacted]\n");
  });

  it("says when there is no such program", async () => {
    const processes = new StartedProcesses({
      directory: folder.path(),
      logFolder: folder.path("logs"),
      ended: () => {},
    });
    const message = await rejection(processes.start(["no-such-program", "a"]));
    expect(message).to.include("Cannot start no-such-program a: ");
  });

  it("starts what goes on when the one that started it is gone", async () => {
    const module = path.resolve("framework/dashboard/server/actions/startedProcesses.ts");
    const child = `setTimeout(() => require("node:fs").writeFileSync("done", ""), 1500)`;
    folder.write({
      "starter.mts": `
        import { StartedProcesses } from ${JSON.stringify(module)};
        const processes = new StartedProcesses({ directory: ${JSON.stringify(folder.path())}, logFolder: ${JSON.stringify(folder.path("logs"))}, ended() {} });
        await processes.start([process.execPath, "-e", ${JSON.stringify(child)}]);
      `,
    });
    const args = ["--import", "tsx", folder.path("starter.mts")];
    spawnSync(process.execPath, args, { stdio: "inherit" });
    expect(existsSync(folder.path("done"))).to.equal(false); // the starter did not wait for it
    for (let i = 0; i < 100 && !existsSync(folder.path("done")); i++) await wait(50);
    expect(existsSync(folder.path("done"))).to.equal(true);
  });
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((given) => (resolve = given));
  return { promise, resolve };
}
