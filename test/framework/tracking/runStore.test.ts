import { mkdirSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { readManifest, writeManifest } from "../../../framework/tracking/runManifest.ts";
import { findRun, listRuns, readRun } from "../../../framework/tracking/runStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("run store", () => {
  const folder = temporaryFolder();
  const root = (): string => folder.path("runs");
  const create = (name: string, parentDirectory = folder.path("runs", name)): Run =>
    createRun({
      name,
      seed: 1,
      spec: {},
      specYaml: `name: ${name}\nseed: 1\n`,
      command: ["x"],
      parentDirectory,
    });

  /** Finished, with fixed times and id. */
  async function store(name: string, id: string, startedAt: string): Promise<string> {
    const run = create(name);
    await run.finish("finished");
    writeManifest(run.folder, { ...readManifest(run.folder), id, startedAt });
    return run.folder;
  }

  it("lists runs oldest first, sweeps' trials among them", async () => {
    const late = await store("a", "aaaa0001", "2030-01-02T00:00:00.000Z");
    const early = await store("b", "aaaa0002", "2030-01-01T00:00:00.000Z");
    const trial = create("c", folder.path("runs", "sweep", "trials"));
    await trial.finish("finished");
    writeManifest(trial.folder, { ...trial.manifest, startedAt: "2030-01-03T00:00:00.000Z" });
    expect(listRuns(root()).map((run) => run.folder)).to.deep.equal([early, late, trial.folder]);
  });

  it("is empty where there are no runs", () => {
    expect(listRuns(folder.path("none"))).to.deep.equal([]);
  });

  it("tells of folders it cannot read and lists the others", async () => {
    const good = await store("a", "aaaa0001", "2030-01-01T00:00:00.000Z");
    mkdirSync(folder.path("runs/b/bad"), { recursive: true });
    writeFileSync(folder.path("runs/b/bad/manifest.json"), "{");
    const errors: string[] = [];
    const runs = listRuns(root(), { onUnreadable: ({ message }) => errors.push(message) });
    expect(runs.map((run) => run.folder)).to.deep.equal([good]);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include("runs/b/bad");
  });

  it("calls a run interrupted when its process is gone, and running while it lives", async () => {
    const run = create("a");
    expect(listRuns(root())[0]?.status).to.equal("running");
    await run.finish("finished");
    writeManifest(run.folder, { ...run.manifest, status: "running" }); // as SIGKILL leaves it
    expect(listRuns(root())[0]?.status).to.equal("interrupted");
  });

  it("reads back spec, metrics and everything else that was logged", async () => {
    const run = create("a");
    await openLoggers(run, { parameters: {}, tensorBoard: false, wandb: false });
    const point = { step: 1, epoch: 0, wallTimeSeconds: 5 };
    await run.logMetrics({ loss: 0.1 }, point);
    await run.logText("note", "hi", point);
    await run.finish("finished", { fidelity: 0.5 });
    const stored = readRun(run.folder);
    expect(stored).to.deep.include({
      folder: run.folder,
      status: "finished",
      spec: { name: "a", seed: 1 },
    });
    expect(stored.metrics).to.deep.equal([{ kind: "metrics", ...point, metrics: { loss: 0.1 } }]);
    expect(stored.records.map(({ kind }) => kind)).to.deep.equal(["metrics", "text"]);
    expect(stored.manifest.summary).to.deep.equal({ fidelity: 0.5 });
  });

  it("says of a spec that is no YAML where it lies and what is wrong", async () => {
    const run = create("a");
    await run.finish("finished");
    writeFileSync(run.path("spec.yaml"), "name: [a\n");
    expect(() => readRun(run.folder)).to.throw(
      InputError,
      /^Cannot read .*spec\.yaml:2: expected YAML, got Flow sequence .*; mend it there/,
    );
  });

  it("finds a run by folder, id or the beginning of its id", async () => {
    const first = await store("a", "abcd0001", "2030-01-01T00:00:00.000Z");
    const second = await store("a", "abcd0002", "2030-01-02T00:00:00.000Z");
    expect(findRun(root(), first)).to.equal(first);
    expect(findRun(root(), "abcd0002")).to.equal(second);
    expect(() => findRun(root(), "abcd")).to.throw(InputError, `got ${first}, ${second}`);
    expect(() => findRun(root(), "")).to.throw(InputError, "no such run");
    expect(() => findRun(root(), "zzz")).to.throw(InputError, "no such run");
  });
});
