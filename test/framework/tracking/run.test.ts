import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import type { Logger } from "../../../framework/tracking/logger.ts";
import { silentLogger } from "../../../framework/tracking/loggers/silentLogger.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import {
  createRun,
  openRun,
  type CreateRunOptions,
  type Run,
} from "../../../framework/tracking/run.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";
import { readWandbRecords } from "../../support/wandbReader.ts";

const spec = { name: "toy", seed: 7, trainer: { maxSteps: 6 } };
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1_700_000_000 + step });

describe("createRun()", () => {
  const folder = temporaryFolder();
  const options = (): CreateRunOptions => ({
    root: folder.path("runs"),
    name: "toy",
    seed: 7,
    spec,
    specYaml: "name: toy\n",
    command: ["seedbed", "run", "toy.yaml"],
  });
  const create = (own: Partial<CreateRunOptions> = {}): Run => createRun({ ...options(), ...own });

  it("makes <root>/<name>/<id>/ with the spec and a manifest", async () => {
    const run = create();
    expect(run.id).to.match(/^[0-9a-z]{8}$/);
    expect(run.folder).to.equal(folder.path("runs", "toy", run.id));
    expect(readFileSync(run.path("spec.yaml"), "utf8")).to.equal("name: toy\n");
    const manifest = readManifest(run.folder);
    expect(manifest).to.deep.include({
      formatVersion: 1,
      id: run.id,
      name: "toy",
      status: "running",
      seed: 7,
      command: ["seedbed", "run", "toy.yaml"],
      summary: {},
      data: {},
      resumes: [],
    });
    expect(manifest.versions).to.have.keys(
      "node",
      "seedbed",
      "@tensorflow/tfjs",
      "onnxruntime-node",
    );
    expect(manifest.versions).to.include({
      node: process.versions.node,
      "@tensorflow/tfjs": "4.22.0",
    });
    expect(manifest.host).to.include({ name: hostname() });
    expect(manifest.environment).to.include({ directory: process.cwd(), node: process.version });
    expect(manifest).not.to.have.property("exitCode");
    expect(run.checkpointsFolder).to.equal(run.path("checkpoints"));
    await run.finish("finished");
  });

  it("hashes the spec whatever the order of its keys", async () => {
    const runs = [
      spec,
      { trainer: { maxSteps: 6 }, seed: 7, name: "toy" },
      { ...spec, seed: 8 },
    ].map((content) =>
      createRun({
        root: folder.path(),
        name: "toy",
        seed: 7,
        spec: content,
        specYaml: "",
        command: [],
      }),
    );
    const [a, b, c] = runs.map(({ manifest }) => manifest.specSha256);
    expect(a).to.equal(b).and.not.equal(c);
    for (const run of runs) await run.finish("finished");
  });

  it("makes the run in another folder when told to", async () => {
    const run = create({ parentDirectory: folder.path("sweeps", "one") });
    expect(path.dirname(run.folder)).to.equal(folder.path("sweeps", "one"));
    await run.finish("finished");
  });

  for (const name of ["", "..", "a/b", ".hidden", "a\\b"]) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      expect(() => create({ name })).to.throw(InputError, "its name must be usable as a folder's");
    });
  }

  const sweep = { id: "s1", name: "toy", trial: 2, group: "toy-g", parameters: { "a.b": 1 } };

  it("makes a trial's run in the folder that is there for it, once", async () => {
    folder.write({ "runs/toy/abcd1234/trial.json": "{}" });
    const run = create({ id: "abcd1234", sweep });
    expect(run.folder).to.equal(folder.path("runs", "toy", "abcd1234"));
    expect(readManifest(run.folder)).to.deep.include({ id: "abcd1234", sweep });
    await run.finish("finished");
    expect(() => create({ id: "abcd1234" })).to.throw(InputError, /it is there; resume it$/);
  });

  it("records data, the summary and how the run ended", async () => {
    const run = create();
    run.recordData("emoji", "ab12", { images: 3 });
    await run.finish("failed", { fidelity: 0.63, note: "low" });
    await run.finish("finished"); // too late: it has ended
    const manifest = readManifest(run.folder);
    expect(manifest).to.deep.include({
      status: "failed",
      exitCode: 1,
      summary: { fidelity: 0.63, note: "low" },
      data: { emoji: { sha256: "ab12", details: { images: 3 } } },
    });
    expect(Date.parse(manifest.endedAt!)).to.be.at.least(Date.parse(manifest.startedAt));
    const entries = readdirSync(run.folder).filter((name) => name !== "git.patch");
    expect(entries.sort()).to.deep.equal(["manifest.json", "spec.yaml"]);
  });

  it("says again and again that it lives", async () => {
    const run = create({ heartbeatSeconds: 0.005 });
    const { heartbeatAt } = run.manifest;
    while (readManifest(run.folder).heartbeatAt === heartbeatAt) await setTimeout(2);
    await run.finish("finished");
  });

  it("puts its record back when somebody deletes the folder meanwhile, and says so", async () => {
    const run = create({ heartbeatSeconds: 0.005 });
    await openLoggers(run, { parameters: spec, csv: true, environment: {} });
    await run.logMetrics({ loss: 1 }, at(1));
    const warnings: unknown[] = [];
    const { warn } = console;
    console.warn = (line: unknown) => void warnings.push(line);
    try {
      rmSync(run.folder, { recursive: true });
      await run.logMetrics({ loss: 2 }, at(2));
      while (!existsSync(run.path("metrics.jsonl"))) await setTimeout(2);
      await run.logMetrics({ loss: 3 }, at(3));
      await run.finish("finished");
    } finally {
      console.warn = warn;
    }
    expect(readMetrics(run.folder).map(({ step }) => step)).to.deep.equal([1, 2, 3]);
    expect(readFileSync(run.path("metrics.csv"), "utf8").split("\n")).to.have.length(5);
    const [events = ""] = readdirSync(run.path("tensorboard"));
    const steps = readEventFile(run.path("tensorboard", events)).map(({ step }) => step);
    expect(steps.filter((step) => step > 0)).to.deep.equal([1, 2, 3]);
    expect(readFileSync(run.path("spec.yaml"), "utf8")).to.equal("name: toy\n");
    expect(readManifest(run.folder).status).to.equal("finished");
    expect(readdirSync(run.folder).filter((name) => name.endsWith(".lock"))).to.deep.equal([]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include("was deleted while it runs: its record is put back");
  });

  it("writes a summary that JSON cannot hold as words", async () => {
    const run = create();
    await run.finish("finished", { loss: NaN, best: -Infinity });
    expect(readManifest(run.folder).summary).to.deep.equal({ loss: "NaN", best: "-Infinity" });
  });

  it("finishes although a logger cannot be closed, and then says so", async () => {
    const run = create();
    const closed: string[] = [];
    const logger = (name: string, finalize: () => void): Logger => ({
      ...silentLogger,
      name,
      finalize,
    });
    run.loggers.push(
      logger("bad", () => {
        throw new Error("disk full");
      }),
      logger("good", () => void closed.push("good")),
    );
    const error = await run.finish("finished").catch((reason: unknown) => reason);
    expect(String(error)).to.include("disk full");
    expect(closed).to.deep.equal(["good"]);
    expect(readManifest(run.folder).status).to.equal("finished");
    await openRun(run.folder).finish("finished"); // the folder is free
  });
});

describe("openRun()", () => {
  const folder = temporaryFolder();
  const create = (): Run =>
    createRun({
      root: folder.path(),
      name: "toy",
      seed: 7,
      spec,
      specYaml: "name: toy\n",
      command: ["x"],
    });

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
    const script = `import { openRun } from ${JSON.stringify(new URL("../../../framework/tracking/run.ts", import.meta.url).href)};
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

describe("openLoggers()", () => {
  const folder = temporaryFolder();

  async function train(run: Run, first: number, last: number): Promise<void> {
    await openLoggers(run, { parameters: spec, environment: {} });
    for (let step = first; step <= last; step++) {
      await run.logMetrics({ "train/loss": 1 / step }, at(step));
      if (step % 2 === 0) await run.logMetrics({ "val/loss": 2 / step }, at(step));
    }
  }

  it("gives a run JSON lines, TensorBoard and W&B, and on resuming the record of an uninterrupted run", async () => {
    const create = (name: string): Run =>
      createRun({ root: folder.path(), name, seed: 7, spec, specYaml: "", command: ["x"] });
    const whole = create("whole");
    await train(whole, 1, 6);
    await whole.finish("finished");

    const killed = create("killed");
    await train(killed, 1, 5);
    await killed.finish("interrupted");
    const resumed = openRun(killed.folder, { resumeStep: 2 });
    expect(resumed.loggers).to.deep.equal([]);
    await train(resumed, 3, 6);
    expect(resumed.loggers.map(({ name }) => name)).to.deep.equal([
      "jsonLines",
      "tensorBoard",
      "wandb",
    ]);
    await resumed.finish("finished");

    expect(readFileSync(resumed.path("metrics.jsonl"))).to.deep.equal(
      readFileSync(whole.path("metrics.jsonl")),
    );
    expect(readMetrics(resumed.folder)).to.have.length(9);
    const rows = (run: Run): object[] =>
      readdirSync(run.path("wandb"))
        .sort()
        .flatMap((name) =>
          readWandbRecords(run.path("wandb", name, `run-${run.id}.wandb`))
            .filter(({ kind }) => kind === "history")
            .map(({ items: { _runtime, ...items } }) => items),
        );
    expect(rows(resumed)).to.deep.equal(rows(whole));
    const files = readdirSync(resumed.path("tensorboard")).sort();
    expect(readEventFile(resumed.path("tensorboard", files[1]!))[1]).to.include({
      step: 3,
      sessionStatus: 1,
    });
  });

  it("opens only what the spec asks for", async () => {
    const run = createRun({
      root: folder.path(),
      name: "a",
      seed: 7,
      spec,
      specYaml: "",
      command: ["x"],
    });
    await openLoggers(run, { parameters: spec, tensorBoard: false, wandb: false });
    expect(run.loggers.map(({ name }) => name)).to.deep.equal(["jsonLines"]);
    await run.finish("finished");
    expect(existsSync(run.path("tensorboard")) || existsSync(run.path("wandb"))).to.equal(false);
  });

  it("opens CSV, MLflow and the console where the spec asks for them, and resumes them", async () => {
    const lines: string[] = [];
    const options = {
      ...{ parameters: spec, tensorBoard: false, wandb: false, csv: true },
      mlflow: { folder: folder.path("mlruns") },
      console: { everySteps: 1 },
      print: (line: string) => lines.push(line),
    };
    const run = createRun({
      root: folder.path(),
      name: "a",
      seed: 7,
      spec,
      specYaml: "",
      command: [],
    });
    await openLoggers(run, options);
    for (const step of [1, 2]) await run.logMetrics({ loss: step }, at(step));
    await run.finish("interrupted");
    const again = openRun(run.folder, { resumeStep: 1 });
    await openLoggers(again, options);
    await again.logMetrics({ loss: 20 }, at(2));
    await again.finish("finished");
    expect(readFileSync(run.path("metrics.csv"), "utf8").split("\n").slice(1)).to.deep.equal([
      "1,0,1700000001,1",
      "2,0,1700000002,20",
      "",
    ]);
    const [experiment = ""] = readdirSync(folder.path("mlruns"));
    const [id = ""] = readdirSync(folder.path("mlruns", experiment)).filter(
      (name) => name !== "meta.yaml",
    );
    expect(readFileSync(folder.path("mlruns", experiment, id, "metrics", "loss"), "utf8")).to.equal(
      "1700000001000 1 1\n1700000002000 20 2\n",
    );
    expect(lines).to.deep.equal([
      "step 1, epoch 0, loss 1",
      "step 2, epoch 0, loss 2",
      "step 2, epoch 0, loss 20",
    ]);
  });

  it("goes on without a logger that cannot be opened, and says so", async () => {
    const warnings: string[] = [];
    writeFileSync(folder.path("file"), "");
    const run = createRun({
      root: folder.path(),
      name: "a",
      seed: 7,
      spec,
      specYaml: "",
      command: [],
    });
    await openLoggers(run, {
      ...{ parameters: spec, tensorBoard: false, wandb: false },
      mlflow: { folder: folder.path("file") },
      warn: (line) => warnings.push(line),
    });
    expect(run.loggers.map(({ name }) => name)).to.deep.equal(["jsonLines"]);
    expect(warnings[0]).to.match(/^Cannot open logger mlflow: .*; metrics.jsonl goes on$/);
    await run.finish("finished");
  });

  it("puts runs of one point of a sweep into one group, unless the spec names one", async () => {
    const sweep = { id: "s1", name: "toy", trial: 1, group: "toy-g", parameters: {} };
    const common = { root: folder.path(), name: "a", seed: 7, spec, specYaml: "", command: ["x"] };
    const group = async (wandb: true | { group: string }): Promise<string> => {
      const run = createRun({ ...common, sweep });
      await openLoggers(run, { parameters: spec, tensorBoard: false, wandb, environment: {} });
      await run.finish("finished");
      const [name = ""] = readdirSync(run.path("wandb"));
      const records = readWandbRecords(run.path("wandb", name, `run-${run.id}.wandb`));
      return records.find(({ kind }) => kind === "run")!.message.text(6);
    };
    expect(await group(true)).to.equal("toy-g");
    expect(await group({ group: "own" })).to.equal("own");
  });
});
