import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { createRun, type CreateRunOptions } from "../../../framework/tracking/createRun.ts";
import { readMetrics, readRecords } from "../../../framework/tracking/metricsFile.ts";
import { openLoggers } from "../../../framework/tracking/openLoggers.ts";
import { openRun } from "../../../framework/tracking/openRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";
import { readWandbRecords } from "../../support/wandbReader.ts";

const spec = { name: "toy", seed: 7, trainer: { maxSteps: 6 } };
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 1_700_000_000 + step });

describe("openLoggers()", () => {
  const folder = temporaryFolder();
  const create = (name: string, more: Partial<CreateRunOptions> = {}): Run =>
    createRun({ root: folder.path(), name, seed: 7, spec, specYaml: "", command: ["x"], ...more });

  async function train(run: Run, first: number, last: number): Promise<void> {
    await openLoggers(run, { parameters: spec, environment: {} });
    for (let step = first; step <= last; step++) {
      await run.logMetrics({ "train/loss": 1 / step }, at(step));
      if (step % 2 === 0) await run.logMetrics({ "val/loss": 2 / step }, at(step));
    }
  }

  /** Of all W&B's folders of a run. */
  const rows = (run: Run): Record<string, string>[] =>
    readdirSync(run.path("wandb"))
      .sort()
      .flatMap((name) =>
        readWandbRecords(run.path("wandb", name, `run-${run.id}.wandb`))
          .filter(({ kind }) => kind === "history")
          .map(({ items: { _runtime, ...items } }) => items),
      );

  /** Of a tag, as TensorBoard shows it: a session's start ends what was from its step on. */
  function shownSteps(run: Run, wanted: string): number[] {
    const files = readdirSync(run.path("tensorboard")).sort();
    const events = files.flatMap((name) => readEventFile(run.path("tensorboard", name)));
    return events.reduce<number[]>((shown, { step, sessionStatus, values }) => {
      if (sessionStatus === 1) return shown.filter((earlier) => earlier < step);
      return values.some(({ tag }) => tag === wanted) ? [...shown, step] : shown;
    }, []);
  }

  it("gives a run JSON lines, TensorBoard and W&B, and on resuming the record of an uninterrupted run", async () => {
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
    expect(rows(resumed)).to.deep.equal(rows(whole));
    const files = readdirSync(resumed.path("tensorboard")).sort();
    expect(readEventFile(resumed.path("tensorboard", files[1]!))[1]).to.include({
      step: 2,
      sessionStatus: 1,
    });
  });

  it("logs a step once that was interrupted between its validation and its end", async () => {
    const run = create("a");
    await openLoggers(run, { parameters: spec, environment: {} });
    await run.logMetrics({ "train/loss": 3 }, at(1));
    await run.logMetrics({ "val/loss": 2 }, at(1));
    await run.logText("sample", "a b", at(1));
    await run.finish("interrupted");

    const again = openRun(run.folder, { resumeStep: 1 });
    await openLoggers(again, { parameters: spec, environment: {} });
    await again.logMetrics({ "val/loss": 2, "val/accuracy": 1 }, at(1));
    await again.logText("sample", "a b", at(1));
    await again.logText("other", "c", at(1));
    await again.logMetrics({ "val/loss": 1 }, at(2));
    await again.logText("sample", "d", at(2));
    await again.finish("finished");

    const records = readRecords(run.folder).map((record) => [
      record.step,
      record.kind === "metrics" ? record.metrics : record.kind === "text" && record.text,
    ]);
    expect(records).to.deep.equal([
      [1, { "train/loss": 3 }],
      [1, { "val/loss": 2 }],
      [1, "a b"],
      [1, { "val/accuracy": 1 }],
      [1, "c"],
      [2, { "val/loss": 1 }],
      [2, "d"],
    ]);
    expect(shownSteps(run, "val/loss"), "TensorBoard").to.deep.equal([1, 2]);
    expect(shownSteps(run, "val/accuracy"), "TensorBoard").to.deep.equal([1]);
    expect(shownSteps(run, "other"), "TensorBoard").to.deep.equal([1]);
    expect(rows(run).map(({ _timestamp, ...items }) => items)).to.deep.equal([
      {
        ...{ epoch: "0", _step: "1", "train/loss": "3", "val/loss": "2", "val/accuracy": "1" },
        ...{ sample: '"a b"', other: '"c"' },
      },
      { epoch: "0", _step: "2", "val/loss": "1", sample: '"d"' },
    ]);
  });

  for (const { what, lose } of [
    {
      what: "TensorBoard had it and metrics.jsonl not",
      lose: (run: Run) =>
        writeFileSync(
          run.path("metrics.jsonl"),
          readFileSync(run.path("metrics.jsonl"), "utf8").replace(/^.*val.*\n/gm, ""),
        ),
    },
    {
      what: "metrics.jsonl had it and TensorBoard not",
      lose: (run: Run) => rmSync(run.path("tensorboard"), { recursive: true }),
    },
  ]) {
    it(`shows a value once whose process was killed when ${what}`, async () => {
      const run = create("a");
      await openLoggers(run, { parameters: spec, wandb: false, environment: {} });
      for (const step of [1, 2]) await run.logMetrics({ "train/loss": step }, at(step));
      await run.logMetrics({ "val/loss": 2 }, at(2));
      await run.logText("val/sample", "a b", at(2));
      await run.finish("interrupted");
      lose(run);

      const again = openRun(run.folder, { resumeStep: 2 });
      await openLoggers(again, { parameters: spec, wandb: false, environment: {} });
      await again.logMetrics({ "val/loss": 2 }, at(2));
      await again.logText("val/sample", "a b", at(2));
      await again.finish("finished");
      for (const tag of ["val/loss", "val/sample"]) {
        expect(shownSteps(again, tag), tag).to.deep.equal([2]);
      }
      expect(shownSteps(again, "train/loss").at(-1)).to.equal(2);
      expect(readMetrics(run.folder).map(({ metrics }) => metrics)).to.deep.equal([
        { "train/loss": 1 },
        { "train/loss": 2 },
        { "val/loss": 2 },
      ]);
    });
  }

  it("opens only what the spec asks for", async () => {
    const run = create("a");
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
    const run = create("a");
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
    const run = create("a");
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
    const group = async (wandb: true | { group: string }): Promise<string> => {
      const run = create("a", { sweep });
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
