import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { writeTrialFiles, type TrialStage } from "../../../framework/sweep/trialFile.ts";
import { readMetrics } from "../../../framework/tracking/metricsFile.ts";
import { isPaused, readManifest } from "../../../framework/tracking/runManifest.ts";
import { readTensors } from "../../../framework/training/checkpoint.ts";
import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Epochs of 4 steps, a validation at each one's end; moments, and a rate that falls. */
const spec = `experiment: leastSquares
name: line
seed: 3
trainer: { backend: cpu, maxSteps: 10, logEveryNSteps: 1, threads: 1 }
optimizer: { name: adamW, learningRate: 0.3 }
lrSchedule: { name: cosine }
callbacks: [{ modelCheckpoint: { everyNTrainSteps: 5 } }]
loggers: { tensorBoard: false, wandb: false }
`;

describe("seedbed trial", () => {
  const run = seedbed();
  const folder = temporaryFolder();

  /** Carries the trial out as far as it says. @returns the last line printed */
  async function carryOut(id: string, stage: TrialStage = {}): Promise<string> {
    const trial = folder.path("runs", "line", id);
    const sweep = { id: "abcdefgh", name: "line", trial: 1, group: "g", parameters: { rate: 0.3 } };
    writeTrialFiles(trial, sweep, spec, stage);
    const { exitCode, printed, warned } = await run(["trial", trial]);
    expect(exitCode, warned.join("\n")).to.equal(0);
    return printed.at(-1)!;
  }

  const manifest = (id: string): ReturnType<typeof readManifest> =>
    readManifest(folder.path("runs", "line", id));

  /** All that was logged but for the clock. */
  const curve = (id: string): unknown[] =>
    readMetrics(folder.path("runs", "line", id)).map(({ step, epoch, metrics }) => {
      return { step, epoch, metrics };
    });

  it("goes on where it has paused, and leaves what one does that never paused", async () => {
    await carryOut("whole");
    for (const untilStep of [3, 5, 8]) {
      expect(await carryOut("paused", { untilStep })).to.equal(
        `Paused at step ${untilStep}: ${folder.path("runs", "line", "paused")}`,
      );
      expect(isPaused(manifest("paused"))).to.equal(true);
    }
    await carryOut("paused");
    expect(curve("paused")).to.deep.equal(curve("whole"));
    expect(curve("whole")).to.have.length(13);
    expect(manifest("paused").summary).to.deep.equal(manifest("whole").summary);
    const last = (id: string): string =>
      folder.path("runs", "line", id, "checkpoints", "step-0000010");
    for (const file of ["parameters", "optimizer"] as const) {
      expect(readTensors(last("paused"), file)).to.deep.equal(readTensors(last("whole"), file));
    }
    expect(readdirSync(folder.path("runs", "line", "paused", "checkpoints"))).to.deep.equal(
      readdirSync(folder.path("runs", "line", "whole", "checkpoints")),
    );
  });

  it("pauses before another step when it is there already", async () => {
    await carryOut("one", { untilStep: 3 });
    const before = curve("one");
    await carryOut("one", { untilStep: 3 });
    expect(curve("one")).to.deep.equal(before);
    expect(isPaused(manifest("one"))).to.equal(true);
  });

  it("does not pause at its end", async () => {
    await carryOut("one", { untilStep: 10 });
    expect(manifest("one").status).to.equal("finished");
  });

  it("logs what the sweep has set when that may change", async () => {
    await carryOut("one", { untilStep: 3, logsParameters: true });
    await carryOut("one", { logsParameters: true });
    const logged = readMetrics(folder.path("runs", "line", "one"));
    const rates = logged.filter(({ metrics }) => "sweep/rate" in metrics);
    expect(rates.map(({ step, metrics }) => [step, metrics])).to.deep.equal([
      [0, { "sweep/rate": 0.3 }],
      [3, { "sweep/rate": 0.3 }],
    ]);
  });
});
