import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { exploitTrial } from "../../framework/cli/sweeps/exploitTrial.ts";
import { loadSweep, loadTrialSpec } from "../../framework/cli/sweeps/loadSweep.ts";
import { reportSweep } from "../../framework/cli/sweeps/reportSweep.ts";
import { runSweepOf } from "../../framework/cli/sweeps/runSweepOf.ts";
import { SweepFolder } from "../../framework/sweep/sweepFolder.ts";
import { runSweep } from "../../framework/sweep/sweepRunner.ts";
import { writeTrialFiles } from "../../framework/sweep/trialFile.ts";
import type { TrialPlan } from "../../framework/sweep/trialPlan.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { readManifest } from "../../framework/tracking/runManifest.ts";
import { readTensors } from "../../framework/training/checkpoint.ts";
import { pointedCheckpoint } from "../../framework/training/checkpointFolder.ts";
import { seedbed } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const base = `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: 6, logEveryNSteps: 1, valCheckInterval: 1, threads: 1 }
optimizer: { name: adamW, learningRate: 0.1 }
callbacks: [{ modelCheckpoint: { everyNTrainSteps: 2, monitor: val/loss } }]
loggers: { tensorBoard: false, wandb: false }
`;

const sweep = `program: base.yaml
method: pbt
metric: { name: val/loss }
retries: 0
pbt: { size: 3, interval: 2 }
parameters:
  optimizer.learningRate: { distribution: log_uniform_values, min: 0.001, max: 0.5 }
`;

describe("a population whose members really train", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  interface Population {
    readonly plan: TrialPlan;
    readonly folder: SweepFolder;
    /** Files of the optimizer's state that an exploit has left alike. */
    readonly copied: string[];
  }

  /** @param stopAfter trials that are started before the sweep is stopped */
  async function train(name: string, stopAfter = Infinity): Promise<Population> {
    folder.write({ "base.yaml": base, [`${name}.yaml`]: sweep });
    const plan = await loadSweep(folder.path(`${name}.yaml`), () => {}, {
      runsFolder: folder.path("runs"),
    });
    const runs = new SweepFolder(folder.path("runs"), name);
    const checkpoint = (id: string): string =>
      pointedCheckpoint(path.join(runs.runFolder(id), "checkpoints"), "last");
    const controller = new AbortController();
    const copied: string[] = [];
    let started = 0;
    await runSweep({
      plan,
      folder: runs,
      parallel: 1,
      signal: controller.signal,
      logFile: () => "",
      listener: {
        started: () => void (++started >= stopAfter && controller.abort()),
        ended: () => {},
        waitsFor: () => {},
      },
      async prepare(trial) {
        const { yaml } = await loadTrialSpec(plan, trial);
        writeTrialFiles(runs.runFolder(trial.id), runSweepOf(plan, trial), yaml, trial.stage);
        return [runs.runFolder(trial.id)];
      },
      launcher: {
        name: "in this process",
        launch: ({ command: [trial = ""] }) => ({
          ended: run(["trial", trial]).then(({ exitCode }) => ({ exitCode, signal: null })),
          stop() {},
        }),
      },
      async exploit(exploit) {
        const inputs = (): number =>
          readManifest(runs.runFolder(exploit.member.id)).artifacts?.length ?? 0;
        const before = inputs();
        await exploitTrial(plan, exploit, runs);
        if (inputs() === before) return; // done by the sweep that was stopped
        for (const file of ["parameters", "optimizer"] as const) {
          const [own, donor] = [exploit.member, exploit.donor].map(({ id }) =>
            readTensors(checkpoint(id), file),
          );
          expect(own).to.deep.equal(donor);
          copied.push(file);
        }
      },
    });
    return { plan, folder: runs, copied };
  }

  const curves = ({ plan, folder: runs }: Population): unknown[] =>
    plan
      .first(3)
      .map(({ id }) =>
        readMetrics(runs.runFolder(id)).map(({ step, metrics }) => ({ step, metrics })),
      );

  it("copies weights and moments, changes the values, and says so in the run", async () => {
    const population = await train("line");
    const { plan, folder: runs, copied } = population;
    expect(copied).to.include.members(["parameters", "optimizer"]);
    const decisions = plan
      .first(3)
      .flatMap(({ id }) => runs.decisions(id).map((each) => ({ id, ...each })));
    const exploit = decisions.find(({ decision, rung }) => decision === "exploited" && rung === 0)!;
    const runFolder = runs.runFolder(exploit.id);
    const manifest = readManifest(runFolder);
    expect(manifest.status).to.equal("finished");
    const lineage = manifest.artifacts!.find(({ name }) => name === "generation 1")!;
    expect(lineage).to.deep.include({ direction: "input", step: 2 });
    expect(lineage.from?.run).to.equal(exploit.from);
    const rates = readMetrics(runFolder).flatMap(({ step, metrics }) => {
      const rate = metrics["sweep/optimizer.learningRate"];
      return rate === undefined ? [] : [[step, rate]];
    });
    expect(rates.map(([step]) => step)).to.deep.equal([0, 2, 4]);
    expect(rates[1]![1]).to.equal(exploit.point!["optimizer.learningRate"]);
    const trained = readMetrics(runFolder).find(
      ({ step, metrics }) => step === 3 && "train/learningRate" in metrics,
    );
    expect(trained!.metrics["train/learningRate"]).to.be.closeTo(rates[1]![1]!, 1e-9);
    const options = { metrics: [], by: [], trials: false, format: "text" } as const;
    const report = reportSweep(plan, {
      ...options,
      folder: new SweepFolder(folder.path("runs"), plan.spec.name),
    });
    expect(report.join("\n")).to.match(
      /The best member is trial \d; its weights were trained with/,
    );
  });

  it("has the same curves when it was stopped and went on", async () => {
    const whole = curves(await train("line"));
    await train("halved", 5);
    expect(curves(await train("halved"))).to.deep.equal(whole);
  });
});
