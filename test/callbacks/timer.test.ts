import { expect } from "chai";
import { findLastCheckpoint, Trainer, type TrainerOptions } from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { timer, type TimerOptions } from "../../callbacks/timer.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

describe("timer()", () => {
  const folder = temporaryFolder();

  /** Fits with three steps an epoch that take 10 s each, and gives the step it ends after. */
  async function lastStep(
    options: Partial<TimerOptions>,
    extra: TrainerOptions = {},
    resumeFrom?: string,
  ): Promise<number> {
    let nowMs = 1e6;
    const module = toyModule();
    const clock = { name: "clock", onTrainBatchStart: () => void (nowMs += 10_000) };
    const trainer = new Trainer({
      maxSteps: 20,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [clock, timer(options), modelCheckpoint({ everyNTrainSteps: 1 })],
      print: () => {},
      now: () => nowMs,
      ...extra,
    });
    try {
      return (await trainer.fit(module, { trainLoader: toyLoader(3), resumeFrom })).step;
    } finally {
      module.dispose();
    }
  }

  const table: [options: TimerOptions, extra: TrainerOptions, step: number][] = [
    [{ duration: "50 s", interval: "step" }, {}, 5],
    [{ duration: "00:00:00:50", interval: "step" }, {}, 5],
    [{ duration: "00:00:01:05", interval: "step" }, {}, 7],
    [{ duration: "50 s", interval: "epoch" }, {}, 6],
    [{ duration: "1 day", interval: "step" }, {}, 20],
    [{ duration: "50 s", interval: "step" }, { minSteps: 8 }, 8],
    [{ duration: "50 s", interval: "step" }, { accumulateGradBatches: 2 }, 3],
    [{ duration: "50 s", interval: "step" }, { maxTime: "30 s" }, 3],
    [{ duration: "50 s", interval: "step" }, { maxTime: "90 s" }, 5],
  ];
  for (const [options, extra, step] of table) {
    it(`${JSON.stringify({ ...options, ...extra })} stops after step ${step}`, async () => {
      expect(await lastStep(options, extra)).to.equal(step);
    });
  }

  it("is said to be why training ends", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await lastStep({ duration: "50 s" }, { print });
    expect(lines).to.include("Training ends after step 5: the time is over");
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    await lastStep({ duration: "50 s" }, { print }, resumeFrom);
    expect(lines).to.include("There is nothing to train: the time is over");
    lines.length = 0;
    await lastStep({ duration: "1 day" }, { print });
    expect(lines.join()).not.to.include("the time is over");
  });

  it("goes on with what is left when the fit is resumed", async () => {
    expect(await lastStep({ duration: "80 s" }, { maxSteps: 5 })).to.equal(5);
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    expect(await lastStep({ duration: "80 s" }, {}, resumeFrom)).to.equal(8);
  });

  it("does nothing when no time is left, and goes on when there is more", async () => {
    expect(await lastStep({ duration: "50 s" })).to.equal(5);
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    expect(await lastStep({ duration: "50 s" }, {}, resumeFrom)).to.equal(5);
    expect(await lastStep({ duration: "70 s" }, {}, resumeFrom)).to.equal(7);
  });

  it("says what it takes", () => {
    for (const duration of ["50 steps", "1:00"]) {
      expect(() => timer({ duration })).to.throw('duration must be text such as "30 min", got');
    }
    expect(() => timer({})).to.throw('option "duration" is missing');
  });
});
