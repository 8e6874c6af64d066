import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { openRun } from "../../../framework/tracking/openRun.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyRuns } from "../../support/toyRuns.ts";

describe("openRun()", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);

  it("takes up a run and notes that it did", async () => {
    const run = create();
    await run.finish("interrupted", { a: 1 }, 143);
    expect(readManifest(run.folder).exitCode).to.equal(143);
    const again = openRun(run.folder, { resumeStep: 3, command: ["seedbed", "resume"] });
    const manifest = readManifest(run.folder);
    expect(manifest).to.include({
      status: "running",
      id: run.id,
      startedAt: run.manifest.startedAt,
    });
    expect(manifest).not.to.have.any.keys("endedAt", "exitCode");
    expect(manifest.resumes).to.have.length(1);
    expect(manifest.resumes[0]).to.deep.include({ step: 3, command: ["seedbed", "resume"] });
    await again.finish("finished");
  });

  it("removes what a killed process was writing, and nothing of one that lives", async () => {
    const run = create();
    await run.finish("interrupted");
    const dead = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(dead, "exit");
    const left = [
      `manifest.json.${dead.pid}.0.tmp`,
      `checkpoints/last.json.${dead.pid}.0.tmp`,
      `spec.yaml.${process.pid}.3.tmp`,
    ];
    const others = [`notes.json.${process.ppid}.0.tmp`, "mine.tmp"];
    mkdirSync(run.path("checkpoints"));
    for (const name of [...left, ...others]) writeFileSync(run.path(name), "{");
    const again = openRun(run.folder);
    const names = readdirSync(run.folder, { recursive: true });
    expect(names).to.include.members(others).and.not.to.include.any.members(left);
    await again.finish("finished");
  });

  it("refuses a folder that is no run's", () => {
    expect(() => openRun(folder.path("none"))).to.throw(InputError, "no such folder");
    expect(() => openRun(folder.path())).to.throw(InputError, "expected a readable manifest.json");
    writeFileSync(folder.path("manifest.json"), '{"formatVersion":2}');
    expect(() => openRun(folder.path())).to.throw(
      InputError,
      "expected a run's manifest of format version 1",
    );
  });

  it("refuses a run that this process holds", async () => {
    const run = create();
    expect(() => openRun(run.folder)).to.throw(
      InputError,
      `in use by process ${process.pid} on ${hostname()}`,
    );
    await run.finish("finished");
    await openRun(run.folder).finish("finished");
  });

  it("refuses a run that another live process holds, and takes it over once that was killed", async () => {
    const run = create();
    await run.finish("interrupted");
    const script = `import { openRun } from ${JSON.stringify(new URL("../../../framework/tracking/openRun.ts", import.meta.url).href)};
      openRun(${JSON.stringify(run.folder)}); console.log("open"); setInterval(() => {}, 1000);`;
    writeFileSync(folder.path("hold.mts"), script);
    const cwd = new URL("../../..", import.meta.url);
    const child = spawn(process.execPath, ["--import", "tsx", folder.path("hold.mts")], { cwd });
    await once(child.stdout, "data");
    expect(() => openRun(run.folder)).to.throw(InputError, `in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    const again = openRun(run.folder);
    expect(readdirSync(run.folder).filter((name) => name.endsWith(".lock"))).to.have.length(1);
    await again.finish("finished");
  });

  const lock = (owner: { pid: number; host: string; processStart: string }): string =>
    JSON.stringify(owner);
  const reused = { pid: process.ppid, host: hostname(), processStart: "of another process" };
  const foreign = { pid: 1, host: "elsewhere", processStart: "" };
  for (const { what, content, isFree } of [
    { what: "a process whose number another one has now", content: lock(reused), isFree: true },
    { what: "nobody, its owner killed before it wrote its name", content: "", isFree: true },
    {
      what: "another host whose run gave a sign of life just now",
      content: lock(foreign),
      isFree: false,
    },
  ]) {
    it(`${isFree ? "takes over" : "refuses"} a run locked by ${what}`, async () => {
      const run = create();
      await run.finish("interrupted");
      writeFileSync(run.path("run.other.1.lock"), content);
      if (!isFree)
        expect(() => openRun(run.folder)).to.throw(InputError, "in use by process 1 on elsewhere");
      else await openRun(run.folder).finish("finished");
    });
  }
});
