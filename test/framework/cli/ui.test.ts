import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { listen } from "../../../framework/web/server/listen.ts";
import { generateRuns } from "../../browser/support/generateRuns.ts";
import { seedbed } from "../../support/cli.ts";
import { dashboards } from "../../support/dashboard.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const program = path.resolve("framework/cli/seedbed.js");

describe("seedbed ui", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const children: ChildProcess[] = [];
  const servers: Server[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const server of servers.splice(0)) server.close();
  });

  /** Takes a port, one that is free unless it is said. */
  const take = async (port = 0): Promise<number> => {
    const server = createServer().listen(port, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  };

  it("prints its address, serves, and ends at once and cleanly after a signal", async () => {
    await generateRuns({ folder: folder.path(), count: 2 });
    const args = [program, "ui", "--runs", folder.path(), "--port", "0", "--allow-actions"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { value: first } = await lines.next();
    expect(first).to.match(/^Dashboard at http:\/\/127\.0\.0\.1:\d+\/ \(ctrl-c ends it\)$/);
    expect((await lines.next()).value).to.match(/^Token for actions: [\w-]{32}$/);
    const [address] = /http\S+/.exec(first)!;
    const info: unknown = await (await fetch(`${address}api/info`)).json();
    expect(info).to.include({ runs: 2, actions: true });
    const events = await fetch(`${address}api/events`); // a browser that is still there
    child.kill("SIGTERM");
    expect(await once(child, "exit")).to.deep.equal([0, null]);
    await events.body!.cancel();
  });

  it("says so when the port that was asked for is in use", async () => {
    const port = await take();
    const { exitCode, warned } = await run(["ui", "--runs", folder.path(), "--port", String(port)]);
    expect(exitCode).to.equal(2);
    expect(warned).to.deep.equal([
      `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --port, or --port 0 for one that is free`,
    ]);
  });

  it("refuses a port that is none", async () => {
    const { exitCode, warned } = await run(["ui", "--runs", folder.path(), "--port", "99999"]);
    expect([exitCode, warned]).to.deep.equal([
      2,
      ["Cannot listen on port 99999: expected one from 0 to 65535"],
    ]);
  });
});

describe("listen()", () => {
  const folder = temporaryFolder();
  const open = dashboards();

  it("takes the next port that is free where none was asked for", async () => {
    const [one, other] = [await open(folder.path()), await open(folder.path())];
    const options = { host: "127.0.0.1", port: undefined };
    const first = await listen(one.app, options);
    const second = await listen(other.app, options);
    expect(second).to.be.above(first);
    expect(first).to.be.at.least(4600);
  });
});
