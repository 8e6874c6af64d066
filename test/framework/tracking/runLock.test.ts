import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { isAlive, lockRun, ownIdentity, runOwner } from "../../../framework/tracking/runLock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("lockRun() beside a container that shares the folder and the host's name", () => {
  const folder = temporaryFolder();
  const heartbeat = (): string => folder.path("heartbeat");
  const lock = (): (() => void) => lockRun(folder.path(), heartbeat());
  const locks = (): string[] => readdirSync(folder.path()).filter((name) => name.endsWith(".lock"));

  beforeEach(() => writeFileSync(heartbeat(), ""));

  /** A lock of a process that cannot be seen from here. */
  function lockFromContainer(name: string, pid: number): void {
    const owner = { ...ownIdentity(), pid, pidNamespace: "pid:[1]", processStart: "then" };
    writeFileSync(folder.path(name), JSON.stringify(owner));
  }

  it("is refused while the heart beats, though no process has that number here", () => {
    lockFromContainer("run.box.4000000.lock", 4_000_000);
    expect(lock).to.throw(
      InputError,
      `it is in use by process 4000000 on ${hostname()} in another container; stop that`,
    );
    expect(locks()).to.deep.equal(["run.box.4000000.lock"]);
  });

  const age = (file: string): void => {
    const then = Date.now() / 1000 - 301;
    utimesSync(file, then, then);
  };

  it("takes the folder over once the heart has not beaten for five minutes", () => {
    lockFromContainer("run.box.4000000.lock", 4_000_000);
    age(heartbeat());
    age(folder.path("run.box.4000000.lock"));
    lock()();
    expect(locks()).to.deep.equal([]);
  });

  it("is refused what was locked just now, though the heart has not begun to beat again", () => {
    age(heartbeat());
    lockFromContainer("run.box.4000000.lock", 4_000_000);
    expect(lock).to.throw(InputError, "in another container");
    expect(runOwner(folder.path(), heartbeat())).to.include({ pid: 4_000_000 });
    expect(locks()).to.deep.equal(["run.box.4000000.lock"]);
  });

  it("does not take a process of its own number for itself", () => {
    const { pid } = process;
    const name = `run.${hostname().replaceAll(/[^\w-]/g, "_")}.${pid}.lock`;
    lockFromContainer(name, pid);
    expect(lock).to.throw(InputError, "in another container");
    expect(locks()).to.deep.equal([name]);
  });

  it("judges a lock that says nothing of its container by its number, as ever", () => {
    const { pidNamespace: _, ...owner } = ownIdentity();
    writeFileSync(folder.path("run.old.1.lock"), JSON.stringify({ ...owner, pid: 4_000_000 }));
    lock()();
    expect(locks()).to.deep.equal([]);
  });

  it("sees a real one, whose first process has number 1 there", async function () {
    const inContainer = [
      "--user",
      "--map-root-user",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
    ];
    if (spawnSync("unshare", [...inContainer, "true"]).status !== 0) this.skip();
    const module = new URL("../../../framework/tracking/runLock.ts", import.meta.url).href;
    writeFileSync(
      folder.path("hold.mts"),
      `import { lockRun } from ${JSON.stringify(module)};
      lockRun(${JSON.stringify(folder.path())}, ${JSON.stringify(heartbeat())});
      console.log(process.pid); setInterval(() => {}, 1000);`,
    );
    const cwd = new URL("../../..", import.meta.url);
    const words = [...inContainer, process.execPath, "--import", "tsx", folder.path("hold.mts")];
    const child = spawn("unshare", words, { cwd });
    try {
      const [pid] = await once(child.stdout, "data");
      expect(String(pid)).to.equal("1\n");
      expect(lock).to.throw(InputError, `process 1 on ${hostname()} in another container`);
      expect(runOwner(folder.path(), heartbeat())).to.include({ pid: 1 });
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
});

describe("lockRun() beside a machine that shares the folder and this one's name", () => {
  const folder = temporaryFolder();
  const heartbeat = (): string => folder.path("heartbeat");
  const start = "00000000-0000-0000-0000-000000000000:1";
  const owner = () => ({ ...ownIdentity(), pid: 4_000_000, processStart: start });

  beforeEach(function () {
    if (!/^[\da-f-]{36}:/.test(ownIdentity().processStart)) this.skip(); // the system does not say
    writeFileSync(heartbeat(), "");
  });

  it("is refused while the heart beats, though no process has that number here", () => {
    writeFileSync(folder.path("run.box.4000000.lock"), JSON.stringify(owner()));
    expect(() => lockRun(folder.path(), heartbeat())).to.throw(
      InputError,
      `it is in use by process 4000000 on ${hostname()}, another machine of that name; stop that`,
    );
    expect(readdirSync(folder.path())).to.include("run.box.4000000.lock");
  });

  it("is refused by a process of its own number there, whose lock has the same name", () => {
    const release = lockRun(folder.path(), heartbeat());
    const [name = ""] = readdirSync(folder.path()).filter((each) => each.endsWith(".lock"));
    release();
    const text = JSON.stringify({ ...owner(), pid: process.pid });
    writeFileSync(folder.path(name), text);
    expect(() => lockRun(folder.path(), heartbeat())).to.throw(InputError, "of that name");
    expect(readFileSync(folder.path(name), "utf8")).to.equal(text);
  });

  it("does not take what this machine did before it was started anew for that", () => {
    const then = Date.now() / 1000 - 60;
    utimesSync(heartbeat(), then, then);
    expect(isAlive(owner(), heartbeat(), 40)).to.equal(false);
    expect(isAlive(owner(), heartbeat(), 80)).to.equal(true);
    expect(isAlive({ ...owner(), host: "elsewhere" }, heartbeat(), 40)).to.equal(true);
  });
});
