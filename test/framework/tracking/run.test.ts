import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import type { Logger } from "../../../framework/tracking/logger.ts";
import { silentLogger } from "../../../framework/tracking/loggers/silentLogger.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import { openRun } from "../../../framework/tracking/openRun.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";
import { toySpec, toyRuns } from "../../support/toyRuns.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1_700_000_000 + step });

describe("Run", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);

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

  it("can be read when it ended with an error that quotes secrets, without them", async () => {
    const run = create();
    await run.finish("failed", {
      error: 'Cannot fetch "https://h/x?token=abcdefgh1234"',
      answer: '{"password":"hunter2hunter"}',
    });
    expect(readManifest(run.folder).summary).to.deep.equal({
      error: 'Cannot fetch "https://h/x?token=[redacted]"',
      answer: '{"password":"[redacted]"}',
    });
  });

  it("does not go on from a checkpoint with other data", async () => {
    const run = create();
    run.recordData("emoji", "ab12");
    run.recordData("emoji", "cd34"); // nothing was trained yet
    mkdirSync(run.checkpointsFolder);
    run.recordData("emoji", "cd34");
    expect(() => run.recordData("emoji", "ef56")).to.throw(
      InputError,
      /^Cannot go on with .*: expected the data "emoji" that it was begun with, cd34, got ef56;/,
    );
    await run.finish("finished");
  });

  it("says again and again that it lives", async () => {
    const run = create({ heartbeatSeconds: 0.005 });
    const { heartbeatAt } = run.manifest;
    while (readManifest(run.folder).heartbeatAt === heartbeatAt) await setTimeout(2);
    await run.finish("finished");
  });

  it("puts its record back when somebody deletes the folder meanwhile, and says so", async () => {
    const run = create({ heartbeatSeconds: 0.005 });
    await openLoggers(run, { parameters: toySpec, csv: true, environment: {} });
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
