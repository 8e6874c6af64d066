import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InterruptedError, type Callback, type TrainerState } from "seedbed";

import { checkpointOnSignal } from "../../../callbacks/checkpointOnSignal.ts";
import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import {
  examples,
  fitIn,
  fitted,
  messages,
  type Fitted,
  type WorkersFit,
} from "../../support/fitTogether.ts";
import { at } from "../../support/fitToy.ts";
import { together } from "../../support/memoryWorlds.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A callback that does something on one worker alone. */
const onRank = (rank: number, hook: keyof Callback, act: (state: TrainerState) => unknown) =>
  at(hook, (state) => (state.globalRank === rank ? act(state) : undefined));

/** A clock that is as far as the last step of one worker, in seconds of its own. */
function clock(secondsPerStep: number): { now: () => number; callback: Callback } {
  let ms = 0;
  return {
    now: () => ms,
    callback: {
      name: "clock",
      onTrainBatchStart: ({ step }) => void (ms = (step + 1) * secondsPerStep * 1000),
    },
  };
}

describe("several workers, whose saves bring the moments together,", () => {
  const folder = temporaryFolder();
  const saved = (): string[] =>
    readdirSync(folder.path("run"))
      .filter((name) => !name.endsWith(".json"))
      .toSorted();

  /** Fits two workers, of which one that ends does not leave the other waiting. */
  const fitTwo = (
    options: WorkersFit,
    own: (rank: number) => WorkersFit = () => ({}),
  ): Promise<(Fitted | Error)[]> =>
    together(2, async (world) => {
      const checkpointsFolder = folder.path("run");
      const strategy = { shardOptimizer: true };
      const all = { strategy, checkpointsFolder, ...options, ...own(world.rank) };
      try {
        return await fitIn(world, all);
      } finally {
        await world.end();
      }
    });

  describe("save alike", () => {
    it("by rank 0's clock, where checkpoints are due by time", async () => {
      const results = await fitTwo({ maxSteps: 6 }, (rank) => {
        const { now, callback } = clock(rank === 0 ? 5 : 12);
        const options = { trainTimeInterval: "10 s", saveTopK: -1, saveLast: false } as const;
        return { callbacks: [callback, modelCheckpoint(options, now)] };
      });
      fitted(results);
      expect(saved()).to.deep.equal(["step-0000002", "step-0000004", "step-0000006"]);
    });

    it("by the same time, where intervals are of all workers' time", async () => {
      const due: string[] = [];
      const results = await fitTwo({ maxSteps: 6 }, (rank) => {
        const { now, callback } = clock(rank === 0 ? 5 : 3);
        const interval = { count: 10, unit: "seconds" } as const;
        const look = at("onTrainBatchEnd", (state) => {
          if (state.isDue(interval)) due.push(`rank ${rank}: ${state.step}`);
        });
        return { now, callbacks: [callback, look] };
      });
      fitted(results);
      const steps = (rank: number): string[] =>
        due.filter((line) => line.startsWith(`rank ${rank}`)).map((line) => line.slice(8));
      expect(steps(0)).to.have.length.above(1);
      expect(steps(1)).to.deep.equal(steps(0));
    });

    it("what rank 0 finds worth it, which alone knows the checkpoints before a resume", async () => {
      const scores = [5, 9, 4, 10];
      const callbacks = (): Callback[] => [
        at("onTrainBatchEnd", (state) => state.log("score", scores[state.step - 1]!)),
        modelCheckpoint({ monitor: "score", mode: "max", saveLast: false, everyNTrainSteps: 1 }),
      ];
      fitted(await fitTwo({ maxSteps: 2 }, () => ({ callbacks: callbacks() })));
      const resumeFrom = folder.path("run", "step-0000002");
      fitted(await fitTwo({ maxSteps: 3, resumeFrom }, () => ({ callbacks: callbacks() })));
      expect(saved()).to.deep.equal(["step-0000002"]);
      fitted(await fitTwo({ maxSteps: 4, resumeFrom }, () => ({ callbacks: callbacks() })));
      expect(saved()).to.include("step-0000004");
    });

    for (const hook of ["onTrainBatchEnd", "onTrainEnd"] as const) {
      it(`when ${hook} of one asks for it`, async () => {
        const callbacks = [
          onRank(1, hook, (state) => {
            if (hook === "onTrainEnd" || state.step === 3) state.saveCheckpoint();
          }),
        ];
        fitted(await fitTwo({ maxSteps: 4, callbacks }));
        const step = hook === "onTrainEnd" ? 4 : 3;
        expect(saved()).to.deep.equal([`step-000000${step}`]);
      });
    }

    it("when one gets the signal to save", async () => {
      const results = await fitTwo({ maxSteps: 4 }, (rank) => ({
        callbacks: [
          onRank(1, "onTrainBatchStart", ({ step }) => step === 1 && process.emit("SIGUSR1")),
          ...(rank === 1 ? [checkpointOnSignal()] : []),
        ],
      }));
      fitted(results);
      expect(saved()).to.deep.equal(["asked-step-0000002"]);
    });

    it("when one is interrupted before the first step after a resume", async () => {
      const asking = at("onTrainBatchEnd", (state) => state.step === 2 && state.saveCheckpoint());
      fitted(await fitTwo({ maxSteps: 2, callbacks: [asking] }));
      const interrupt = new AbortController();
      const results = await fitTwo(
        {
          maxSteps: 4,
          resumeFrom: folder.path("run", "step-0000002"),
          callbacks: [onRank(1, "onFitStart", () => interrupt.abort())],
        },
        (rank) => (rank === 1 ? { signal: interrupt.signal } : {}),
      );
      for (const error of results) expect(error).to.be.instanceOf(InterruptedError);
      expect(saved()).to.deep.equal(["step-0000002"]);
    });

    it("when one is interrupted while it is asked what to save, after that step", async () => {
      const interrupt = new AbortController();
      const results = await fitTwo(
        {
          callbacks: [onRank(1, "wantsCheckpoint", ({ step }) => step === 2 && interrupt.abort())],
        },
        (rank) => (rank === 1 ? { signal: interrupt.signal } : {}),
      );
      for (const error of results) expect(error).to.be.instanceOf(InterruptedError);
      expect(saved()).to.deep.equal(["step-0000002-interrupted"]);
    });
  });

  describe("stop alike", () => {
    it("when time is over, of which they lose none though it is long and steps are short", async () => {
      const results = await fitTwo({ maxSteps: 9, maxTime: "10000000.045 s" }, () => {
        const { now, callback } = clock(0.01);
        return { now: () => now() && now() + 1e10, callbacks: [callback] };
      });
      expect(fitted(results).map(({ step }) => step)).to.deep.equal([5, 5]);
    });

    it("when time is over, of which what one waits for the other counts once", async () => {
      let ms = 0;
      let asked = 0; // of rank 0: as training begins, before each step and after it
      const late = onRank(1, "onTrainBatchEnd", async ({ step }) => {
        while (asked < 1 + 2 * step) await new Promise(setImmediate);
        ms += 1000;
      });
      const results = await fitTwo({ maxSteps: 9, maxTime: "4 s", callbacks: [late] }, (rank) => ({
        now: () => {
          if (rank === 0) asked++;
          return ms;
        },
      }));
      expect(fitted(results).map(({ step }) => step)).to.deep.equal([4, 4]);
    });

    const stopping: [what: string, options: WorkersFit, step: number][] = [
      [
        "when one asks for it as a checkpoint is saved at the end of an epoch",
        {
          examples: 16, // two batches
          callbacks: [
            at("onTrainBatchEnd", (state) => state.saveCheckpoint()),
            onRank(0, "onCheckpointSaved", (state) => (state.shouldStop = state.step === 2)),
          ],
        },
        2,
      ],
      [
        "when one asks for it in the sanity check",
        {
          numSanityValSteps: 1,
          valLoader: examples(4, 8),
          callbacks: [onRank(1, "onSanityCheckEnd", (state) => (state.shouldStop = true))],
        },
        0,
      ],
      [
        "when one asks for it as training begins",
        { callbacks: [onRank(1, "onTrainStart", (state) => (state.shouldStop = true))] },
        0,
      ],
    ];
    for (const [what, options, step] of stopping) {
      it(what, async () => {
        const results = await fitTwo(options);
        expect(messages(results)).to.deep.equal(["no error", "no error"]);
        expect(fitted(results).map((each) => each.step)).to.deep.equal([step, step]);
      });
    }
  });
});
