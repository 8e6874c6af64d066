import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { readSweepWish } from "../../../../../framework/sweep/sweepControl.ts";
import { SweepWorkers } from "../../../../../framework/sweep/sweepWorkers.ts";
import { lockRun } from "../../../../../framework/tracking/runLock.ts";
import { manifestPath } from "../../../../../framework/tracking/runManifest.ts";
import { generateRuns } from "../../../../browser/support/generateRuns.ts";
import { dashboards, type DashboardAnswer } from "../../../../support/dashboard.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const token = "the-token-that-was-printed";
/** Stands in for the command line: writes what it was asked, and ends as its first word says. */
const program = `
const fs = require("node:fs");
console.log("asked:", process.argv.slice(2).join(" "));
fs.writeFileSync("asked.json", JSON.stringify(process.argv.slice(2)));
process.exit(process.argv[2] === "resume" ? 2 : 0);
`;
/** Takes a run's lock, says so, and ends when it is asked to. */
const owner = (folder: string): string => `
import { lockRun } from ${JSON.stringify(path.resolve("framework/tracking/runLock.ts"))};
const unlock = lockRun(${JSON.stringify(folder)}, ${JSON.stringify(manifestPath(folder))});
process.on("SIGTERM", () => { unlock(); process.exit(7); });
setInterval(() => {}, 1000);
console.log("ready");
`;

describe("actions", () => {
  const folder = temporaryFolder();
  const open = dashboards();
  const children: ChildProcess[] = [];
  const runs = (): string => folder.path("runs");
  const run = (key = "r0000000"): string => folder.path("runs", "tuning", key);

  /** @returns posts with the token */
  const start = async (): Promise<(url: string, body?: object) => Promise<DashboardAnswer>> => {
    const actions = {
      token,
      program: [process.execPath, folder.path("program.cjs")],
      directory: folder.path(),
    };
    const { send } = await open(runs(), { actions });
    return (url, body) => send("POST", url, body, { authorization: `Bearer ${token}` });
  };
  const setStatus = (key: string, status: string): void => {
    const manifest: object = JSON.parse(readFileSync(manifestPath(run(key)), "utf8"));
    writeFileSync(manifestPath(run(key)), JSON.stringify({ ...manifest, status }));
  };
  /** What the program was asked, once it has run. */
  const asked = async (): Promise<unknown> => {
    for (let i = 0; i < 100 && !existsSync(folder.path("asked.json")); i++) await wait(50);
    await wait(20);
    return JSON.parse(readFileSync(folder.path("asked.json"), "utf8"));
  };
  const hold = async (held: string): Promise<ChildProcess> => {
    folder.write({ "owner.mts": owner(held) });
    const child = spawn(process.execPath, ["--import", "tsx", folder.path("owner.mts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  };

  beforeEach(async () => {
    folder.write({
      "program.cjs": program,
      "configs/a.yaml": "",
      "configs/base/shared.yaml": "",
      "configs/deep/b.yml": "",
      "configs/notes.md": "",
      "sweeps/s.yaml": "",
      "secret.yaml": "",
    });
    await generateRuns({ folder: runs(), count: 3 });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  describe("are refused", () => {
    const urls = [
      "/api/runs/r0000000/stop",
      "/api/runs/r0000000/resume",
      "/api/runs/r0000000/delete",
      "/api/sweeps/sc72dee7/stop",
      "/api/actions/start",
    ];

    it("when the dashboard was started without them", async () => {
      const { send, get } = await open(runs());
      for (const url of urls) {
        const { status, json } = await send("POST", url, { file: "configs/a.yaml" });
        expect([url, status]).to.deep.equal([url, 403]);
        expect(json.error).to.include("--allow-actions");
      }
      expect((await get("/api/info")).json.actions).to.equal(false);
    });

    it("without the token, and with another, whatever else is asked", async () => {
      const actions = { token, program: ["false"], directory: folder.path() };
      const { send, get } = await open(runs(), { actions });
      for (const url of [...urls, "/api/runs/nobody/stop"]) {
        for (const authorization of ["", "Bearer wrong", token]) {
          const { status } = await send("POST", url, { file: "x" }, { authorization });
          expect(status).to.equal(403);
        }
      }
      expect((await get("/api/actions/files")).status).to.equal(403);
      expect((await get("/api/info")).json.actions).to.equal(true);
      expect(existsSync(run())).to.equal(true);
    });
  });

  describe("stop", () => {
    it("asks the process that holds the run to end", async () => {
      const child = await hold(run());
      setStatus("r0000000", "running");
      const post = await start();
      const { status, json } = await post("/api/runs/r0000000/stop");
      expect([status, json.message]).to.deep.equal([
        200,
        `Process ${child.pid} was asked to save its work and end`,
      ]);
      expect(await once(child, "exit")).to.deep.equal([7, null]);
    });

    it("signals nobody when no process holds the run, or one of another host or container does", async () => {
      const post = await start();
      expect((await post("/api/runs/r0000000/stop")).json).to.deep.equal({
        error: "Cannot stop: no process is at work on it",
      });
      const elsewhere = { pid: process.pid, host: `not-${hostname()}`, processStart: "" };
      folder.write({ "runs/tuning/r0000001/run.other.1.lock": JSON.stringify(elsewhere) });
      writeFileSync(manifestPath(run("r0000001")), readFileSync(manifestPath(run("r0000001"))));
      const { status, json } = await post("/api/runs/r0000001/stop");
      expect(status).to.equal(409);
      expect(json.error).to.include(`on not-${hostname()} from here`);
      const inContainer = { ...elsewhere, host: hostname(), pidNamespace: "pid:[1]" };
      folder.write({ "runs/tuning/r0000001/run.other.1.lock": JSON.stringify(inContainer) });
      const again = await post("/api/runs/r0000001/stop");
      expect(again.json.error).to.include(
        `Cannot stop process ${process.pid} on ${hostname()} in another container from here`,
      );
    });

    it("tells a sweep's processes, wherever they run, if there are any", async () => {
      const sweep = folder.path("runs", "tuning");
      const post = await start();
      const { status, json } = await post("/api/sweeps/sc72dee7/stop");
      expect([status, json.error]).to.deep.equal([
        409,
        "Cannot stop: no process is at work on the sweep",
      ]);
      const workers = new SweepWorkers(sweep);
      workers.join(false);
      expect((await post("/api/sweeps/sc72dee7/stop")).status).to.equal(200);
      expect(readSweepWish(sweep)).to.deep.equal({ wish: "stop", finish: false });
      workers.leave();
    });
  });

  describe("resume", () => {
    it("starts the program on the run's folder", async () => {
      setStatus("r0000000", "interrupted");
      const post = await start();
      const { json } = await post("/api/runs/r0000000/resume");
      expect(json.started.pid).to.be.a("number");
      expect(await asked()).to.deep.equal(["resume", run()]);
    });

    it("refuses a run that is finished", async () => {
      const post = await start();
      expect((await post("/api/runs/r0000000/resume")).json).to.deep.equal({
        error: "Cannot resume run r0000000: it is finished",
      });
    });
  });

  describe("start", () => {
    it("knows what of the project can be started", async () => {
      const actions = { token, program: ["false"], directory: folder.path() };
      const { get } = await open(runs(), { actions });
      const { json } = await get("/api/actions/files", { authorization: `Bearer ${token}` });
      expect(json).to.deep.equal({
        specs: ["configs/a.yaml", "configs/deep/b.yml"],
        sweeps: ["sweeps/s.yaml"],
      });
    });

    it("runs a spec with overrides", async () => {
      const post = await start();
      const body = {
        file: "configs/a.yaml",
        overrides: ["trainer.maxSteps=3", "name=a b; rm -rf"],
      };
      expect((await post("/api/actions/start", body)).status).to.equal(200);
      expect(await asked()).to.deep.equal(["run", body.file, ...body.overrides, "--runs", runs()]);
    });

    it("runs a sweep", async () => {
      const post = await start();
      await post("/api/actions/start", { file: "sweeps/s.yaml", parallel: 2 });
      const words = ["sweep", "sweeps/s.yaml", "--parallel", "2", "--runs", runs()];
      expect(await asked()).to.deep.equal(words);
    });

    for (const { body, expected } of [
      { body: { file: "secret.yaml" }, expected: 404 },
      { body: { file: "configs/../secret.yaml" }, expected: 404 },
      { body: { file: "configs/base/shared.yaml" }, expected: 404 },
      { body: { file: "--help" }, expected: 404 },
      { body: { file: "configs/a.yaml", overrides: ["--runs=/tmp"] }, expected: 400 },
      { body: { file: "configs/a.yaml", overrides: ["--x"] }, expected: 400 },
      { body: {}, expected: 400 },
    ]) {
      it(`refuses ${JSON.stringify(body)}`, async () => {
        const post = await start();
        expect((await post("/api/actions/start", body)).status).to.equal(expected);
        expect(existsSync(folder.path("asked.json"))).to.equal(false);
      });
    }
  });

  describe("delete", () => {
    it("moves the run to the trash, and out of the index", async () => {
      const post = await start();
      const { json } = await post("/api/runs/r0000000/delete");
      expect(json.message).to.include(folder.path("runs", ".trash"));
      expect(existsSync(run())).to.equal(false);
      expect((await post("/api/runs/r0000000/delete")).status).to.equal(404);
    });

    it("refuses a run that a process works on", async () => {
      const post = await start();
      const unlock = lockRun(run(), manifestPath(run())); // which the index has not seen yet
      const unseen = await post("/api/runs/r0000000/delete");
      expect(unseen.status).to.equal(400);
      expect(unseen.json.error).to.include("in use by process");
      setStatus("r0000000", "running");
      const again = await start();
      const { status, json } = await again("/api/runs/r0000000/delete");
      unlock();
      expect([status, json.error]).to.deep.equal([
        409,
        "Cannot delete run r0000000: it is running; stop it first",
      ]);
      expect(existsSync(run())).to.equal(true);
    });
  });
});
