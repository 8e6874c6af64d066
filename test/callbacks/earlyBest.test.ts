import { existsSync, readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  findLastCheckpoint,
  listCheckpoints,
  readPointer,
  restoreParameters,
  Trainer,
  type BaseModule,
  type Callback,
  type TrainerOptions,
} from "seedbed";

import { earlyBest, type EarlyBestOptions } from "../../callbacks/earlyBest.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import {
  fitIn,
  fitted,
  messages,
  type fitTogether,
  type WorkersFit,
} from "../support/fitTogether.ts";
import { at } from "../support/fitToy.ts";
import { together } from "../support/memoryWorlds.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../support/toyTraining.ts";

interface Fit extends Omit<TrainerOptions, "checkpoints"> {
  /** Whether there are validations, one per step; `score` is known after them. */
  validates?: boolean;
  resumeFrom?: string | undefined;
  /** What saves checkpoints to resume from. */
  checkpoints?: Callback;
}

describe("earlyBest()", () => {
  const folder = temporaryFolder();
  const root = (): string => folder.path("checkpoints");
  /** Weights after each step, as they are published. */
  let published: string[] = [];
  let saved: number[] = [];
  let lines: string[] = [];
  beforeEach(() => {
    [published, saved, lines] = [[], [], []];
  });

  /** Fits with one step per epoch, where `score` is `scores[step - 1]`, and gives the last weights. */
  async function fit(
    scores: readonly number[],
    options: Partial<EarlyBestOptions> = {},
    { validates = false, resumeFrom, callbacks = [], checkpoints, ...extra }: Fit = {},
  ): Promise<string> {
    const module = toyModule();
    const log: Callback["onTrainEpochEnd"] = (state) => {
      if (state.stage !== "sanity") state.log("score", scores[state.step - 1]!);
    };
    const scripted: Callback = {
      name: "scripted",
      [validates ? "onValidationEnd" : "onTrainEpochEnd"]: log,
    };
    const recorder: Callback = {
      name: "recorder",
      kind: "checkpoint",
      async wantsCheckpoint(state) {
        published.push(await state.withExportWeights(() => parameterBytes(module)));
        return false;
      },
      onCheckpointSaved: ({ step }, name) => void (name.startsWith("best-") && saved.push(step)),
    };
    const trainer = new Trainer({
      maxSteps: scores.length,
      checkpointsFolder: root(),
      callbacks: [
        earlyBest({ monitor: "score", ...options }),
        checkpoints ?? modelCheckpoint({ saveTopK: 0 }),
        scripted,
        recorder,
        ...callbacks,
      ],
      print: (line) => void lines.push(line),
      ...extra,
    });
    const data = { trainLoader: toyLoader(1), ...(validates && { valLoader: toyLoader(1) }) };
    await trainer.fit(module, { ...data, resumeFrom }).catch((error: unknown) => {
      lines.push(String(error));
    });
    const bytes = await parameterBytes(module);
    module.dispose();
    return bytes;
  }

  const table: [title: string, scores: number[], Partial<EarlyBestOptions>, saved: number[]][] = [
    ["saves each improvement", [5, 4, 6, 3], {}, [1, 2, 4]],
    ["looks for larger values in mode max", [5, 4, 6, 7], { mode: "max" }, [1, 3, 4]],
    ["saves nothing before startAfter", [5, 4, 3, 2], { startAfter: "3 steps" }, [3, 4]],
    ["counts epochs, too", [5, 4, 3, 2], { startAfter: "2 epochs" }, [2, 3, 4]],
    [
      "wants better than what was best before startAfter",
      [5, 1, 3, 2, 0.5],
      { startAfter: "3 steps" },
      [5],
    ],
    ["wants more than minDelta", [5, 4.5, 4, 3.5, 3], { minDelta: 1 }, [1, 4]],
    ["takes equal values for no improvement", [5, 5, 5], {}, [1]],
    ["leaves out what is not finite", [NaN, 5, NaN, -Infinity, 4], {}, [2, 5]],
    // 8 -> 0.5 * 8 + 0.5 * 2 = 5 -> 5.5 -> 5.25 -> 4.625
    ["may smooth the metric", [8, 2, 6, 5, 4], { smoothing: 0.5 }, [1, 2, 5]],
  ];
  for (const [title, scores, options, steps] of table) {
    it(title, async () => {
      await fit(scores, options);
      expect(saved).to.deep.equal(steps);
    });
  }

  it("keeps the best only, and the pointer to it", async () => {
    await fit([8, 2, 6, 5, 4], { smoothing: 0.5 });
    expect(listCheckpoints(root())).to.deep.equal(["best-step-0000005", "step-0000005"]);
    expect(readPointer(root(), "best")).to.deep.equal({
      checkpoint: "best-step-0000005",
      step: 5,
      monitor: "score",
      score: "4.625",
    });
    expect(readPointer(root(), "last")?.checkpoint).to.equal("step-0000005");
  });

  it("has best.json to itself when it comes before another that monitors", async () => {
    const checkpoints = modelCheckpoint({ monitor: "score", mode: "max" });
    await fit([2, 1, 3, 4], {}, { checkpoints });
    expect(readPointer(root(), "best")?.checkpoint).to.equal("best-step-0000002");
    expect(lines).to.include(
      "modelCheckpoint: best.json is that of earlyBest for score, which comes first, and not for score",
    );
  });

  it("leaves best.json to one that comes before it", async () => {
    const module = toyModule();
    const scripted: Callback = {
      name: "scripted",
      onTrainEpochEnd: (state) => state.log("score", [2, 1, 3][state.epoch]!),
    };
    const trainer = new Trainer({
      maxSteps: 3,
      checkpointsFolder: root(),
      callbacks: [
        scripted,
        modelCheckpoint({ monitor: "score", mode: "max" }),
        earlyBest({ monitor: "score", restoreBest: false }),
      ],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    module.dispose();
    expect(readPointer(root(), "best")?.checkpoint).to.equal("step-0000003");
    expect(listCheckpoints(root())).to.deep.equal(["step-0000003", "best-step-0000002"]);
  });

  it("saves after the validation that gave the value", async () => {
    await fit([5, 4, 3, 9, 9], { startAfter: "3 steps" }, { validates: true });
    expect(saved).to.deep.equal([3]);
    const file = folder.path("checkpoints", "best-step-0000003", "trainer.json");
    expect(readFileSync(file, "utf8")).to.include('"score": 3\n'); // the step it was measured at
    expect(
      existsSync(folder.path("checkpoints", "best-step-0000003", "optimizer.safetensors")),
    ).to.equal(false);
  });

  it("checks nothing between two validations", async () => {
    await fit([5, 4, 3, 2], {}, { validates: true, checkValEveryNEpoch: 2 });
    expect(saved).to.deep.equal([2, 4]);
  });

  describe("restores the best weights", () => {
    const scores = [5, 1, 3, 4];

    it("when training is finished", async () => {
      expect(await fit(scores)).to.equal(published[1]);
      expect(lines.at(-1)).to.match(/the model has the weights of .*best-step-0000002, score 1$/);
    });

    it("when it was stopped early", async () => {
      const stopping: Callback = {
        name: "stopping",
        onTrainBatchEnd: (state) => void (state.shouldStop = state.step === 3),
      };
      expect(await fit(scores, {}, { callbacks: [stopping] })).to.equal(published[1]);
      expect(published).to.have.length(3);
    });

    it("when it failed", async () => {
      const failing: Callback = {
        name: "failing",
        onTrainBatchStart({ step }) {
          if (step === 3) throw new Error("on purpose");
        },
      };
      expect(await fit(scores, {}, { callbacks: [failing] })).to.equal(published[1]);
      expect(lines.join()).to.include("on purpose");
    });

    it("when it was interrupted, without harm to what is resumed", async () => {
      const whole = await fit(scores, { restoreBest: false });
      const controller = new AbortController();
      const aborting: Callback = {
        name: "aborting",
        onTrainEpochStart: ({ step }) => void (step === 3 && controller.abort()),
      };
      const { signal } = controller;
      folder.clear();
      published = [];
      expect(await fit(scores, {}, { callbacks: [aborting], signal })).to.equal(published[1]);
      const resumeFrom = findLastCheckpoint(root());
      expect(await fit(scores, { restoreBest: false }, { resumeFrom })).to.equal(whole);
    });

    it("when nothing was left to train", async () => {
      await fit(scores);
      const resumeFrom = findLastCheckpoint(root());
      expect(await fit(scores, {}, { resumeFrom })).to.equal(published[1]);
    });

    it("when they are averaged ones", async () => {
      const options = { validates: true, callbacks: [weightAveraging({ decay: 0.5 })] };
      expect(await fit(scores, {}, options)).to.equal(published[1]);
      const module = toyModule();
      restoreParameters(module, folder.path("checkpoints", "best-step-0000002"));
      expect(await parameterBytes(module)).to.equal(published[1]);
      module.dispose();
    });

    it("when a fit in another folder had them", async () => {
      const resumeFrom = folder.path("checkpoints", "step-0000002");
      await fit([5, 1], {});
      const checkpointsFolder = folder.path("elsewhere");
      expect(await fit(scores, {}, { resumeFrom, checkpointsFolder })).to.equal(published[1]);
    });

    it("unless that is turned off, or there are none", async () => {
      expect(await fit(scores, { restoreBest: false })).to.equal(published.at(-1));
      folder.clear();
      expect(await fit(scores, { startAfter: "3 epochs" })).to.equal(published.at(-1));
      expect(lines.at(-1)).to.equal("earlyBest: nothing was saved, score never improved enough");
    });

    it("and reports the failure of training, not its own", async () => {
      const failing: Callback = {
        name: "failing",
        onTrainBatchStart({ step }) {
          if (step < 3) return;
          folder.clear();
          throw new Error("on purpose");
        },
      };
      await fit(scores, {}, { callbacks: [failing] });
      expect(lines.at(-2)).to.include("the best weights cannot be restored: InputError");
      expect(lines.at(-1)).to.include("on purpose");
    });
  });

  describe("with several workers", () => {
    /** Trains two of them, of which `published` has the weights of step 2, the best, and the last. */
    const fitTwo = (
      clears = false,
      more: (rank: number) => WorkersFit = () => ({}),
    ): ReturnType<typeof fitTogether> =>
      together(2, async (world) => {
        const { rank } = world;
        const { callbacks: others = [], change, ...own } = more(rank);
        const counted = tf.tidy(() => tf.variable(tf.scalar(0), false));
        const weights = async (module: BaseModule): Promise<string> =>
          JSON.stringify([
            await Promise.all(
              [...module.trainableParameters().values()].map(async (each) => [
                ...(await each.data()),
              ]),
            ),
            (await counted.data())[0],
          ]);
        const scripted: Callback = {
          name: "scripted",
          kind: "checkpoint", // after earlyBest
          onTrainBatchEnd() {
            tf.tidy(() => {
              counted.assign(counted.add(1));
            });
          },
          onValidationEnd: async (state) => {
            state.log("score", [5, 1, 3, 4][state.step - 1]!);
            if (state.step === 2) published.push(await weights(state.module));
          },
          onTrainEnd: () => void (clears && folder.clear()),
          async teardown({ module }) {
            published.push(await weights(module));
            counted.dispose();
          },
        };
        const fit = fitIn(world, {
          maxSteps: 4,
          valLoader: toyLoader(1),
          checkpointsFolder: root(),
          valCheckInterval: 1,
          callbacks: [earlyBest({ monitor: "score" }), scripted, ...others],
          change: (toy) => ({
            ...change?.(toy),
            otherState: () => new Map([["counted", counted]]),
          }),
          print: (line) => void lines.push(`${rank}: ${line}`),
          ...own,
        });
        const failed = await fit.then(
          () => undefined,
          (error: unknown) => ({ exitCode: 1, isInterrupted: false, message: String(error) }),
        );
        await world.end(failed);
        return fit;
      });

    it("restores rank 0's best weights in the models of all", async () => {
      fitted(await fitTwo());
      expect(published).to.have.length(4);
      expect(new Set(published).size).to.equal(1);
      expect(lines.filter((line) => line.includes("has the weights of"))).to.have.length(1);
    });

    it("fails for all when rank 0 cannot", async () => {
      const [first, second] = messages(await fitTwo(true));
      expect(first).to.match(/Cannot read checkpoint .*best-step-0000002/);
      expect(second).to.match(/Cannot restore weights: rank 0 had .*best-step-0000002/);
    });

    it("restores them in the models of all after an interruption of one", async () => {
      const interrupt = new AbortController();
      const aborting = at("onTrainBatchStart", ({ step }) => step === 3 && interrupt.abort());
      const results = await fitTwo(false, (rank) =>
        rank === 1 ? { signal: interrupt.signal, callbacks: [aborting] } : {},
      );
      for (const message of messages(results)) expect(message).to.include("was interrupted");
      expect(published).to.have.length(4);
      expect(new Set(published).size).to.equal(1);
    });

    it("restores them in the models of all when the loss of one is not finite", async () => {
      let isBroken = false;
      const breaking = at("onTrainBatchStart", ({ step }) => void (isBroken = step === 3));
      const results = await fitTwo(false, (rank) => ({
        callbacks: [breaking],
        change: (toy) => ({
          trainingStep(batch, context) {
            const { loss } = toy.trainingStep(batch, context);
            return { loss: isBroken && rank === 1 ? loss.mul<tf.Scalar>(NaN) : loss };
          },
        }),
      }));
      for (const message of messages(results)) expect(message).to.include("on rank 1");
      expect(published).to.have.length(4);
      expect(new Set(published).size).to.equal(1);
    });

    it("restores rank 0's alone when another fails for itself, whose failure all hear of", async () => {
      const failing = at("onTrainBatchStart", ({ step }) => {
        if (step === 3) throw new Error("on purpose");
      });
      const results = await fitTwo(false, (rank) => (rank === 1 ? { callbacks: [failing] } : {}));
      expect(messages(results)[0]).to.match(/^Cannot go on without rank 1: .*on purpose$/);
      const [ofSecond, ofFirst] = published.slice(2); // who failed has ended first
      expect(ofFirst).to.equal(published[0]);
      expect(ofSecond).to.not.equal(published[0]);
    });

    /** Interrupts rank 0 in step 4; one of the workers has another callback. */
    function fitInterrupted(other: Callback, ofRank: number, options: WorkersFit = {}) {
      const interrupt = new AbortController();
      const aborting = at("onTrainBatchStart", ({ step }) => step === 3 && interrupt.abort());
      return fitTwo(false, (rank) => ({
        ...options,
        ...(rank === 0 && { signal: interrupt.signal }),
        callbacks: [...(rank === 0 ? [aborting] : []), ...(rank === ofRank ? [other] : [])],
      }));
    }

    it("restores rank 0's, and says so, when another fails while all are interrupted", async () => {
      const failing = at("onTrainBatchEnd", ({ step }) => {
        if (step === 4) throw new Error("on purpose");
      });
      const [first, second] = messages(await fitInterrupted(failing, 1));
      expect([first, second].join()).to.match(/was interrupted after step 4,.*on purpose$/);
      expect(lines.join()).to.include("0: earlyBest: the model has the weights of");
      expect(lines.join()).to.not.include("cannot be restored");
    });

    it("does not keep from the others that rank 0 could not save after an interruption", async () => {
      const failing = at("onSaveCheckpoint", () => {
        throw new Error("on purpose");
      });
      const options: WorkersFit = { strategy: { shardOptimizer: true } }; // they save together
      const [first, second] = messages(await fitInterrupted(failing, 0, options));
      expect(first).to.match(/^Cannot finish onSaveCheckpoint .*on purpose$/);
      expect(second).to.match(/^Cannot go on without rank 0: .*onSaveCheckpoint .*on purpose$/);
      expect(lines.join()).to.include("0: earlyBest: the model has the weights of");
    });
  });

  it("goes on as if there had been no interruption", async () => {
    const options = { smoothing: 0.5, startAfter: "2 steps" };
    const scores = [8, 2, 6, 5, 4, 1];
    const whole = await fit(scores, options);
    const steps = saved;
    for (const maxSteps of [1, 3, 5]) {
      folder.clear();
      saved = [];
      await fit(scores, options, { maxSteps });
      const resumeFrom = findLastCheckpoint(root());
      expect(await fit(scores, options, { resumeFrom }), `${maxSteps}`).to.equal(whole);
      expect(saved).to.deep.equal(steps);
    }
  });

  it("removes what it saved only when no fit would be resumed that looks for it", async () => {
    const checkpoints = modelCheckpoint({ everyNTrainSteps: 2, saveTopK: -1, saveLast: false });
    const bestOnes = (): string[] =>
      listCheckpoints(root()).filter((name) => name.startsWith("best"));
    await fit([5, 4, 3], { restoreBest: false }, { checkpoints });
    expect(bestOnes()).to.deep.equal(["best-step-0000003", "best-step-0000002"]);

    const resumeFrom = findLastCheckpoint(root());
    expect(await fit([5, 4, 9], {}, { checkpoints, resumeFrom })).to.equal(published[1]);
    await fit([5, 4, 3, 2], {}, { checkpoints, resumeFrom });
    expect(bestOnes()).to.deep.equal(["best-step-0000004"]);
  });

  it("names what there is when the metric is missing", async () => {
    await fit([1], { monitor: "scor" });
    expect(lines.join()).to.match(/Cannot monitor "scor": it was never logged, expected one of/);
  });

  it("needs a place to save to", async () => {
    const module = toyModule();
    const trainer = new Trainer({ maxSteps: 1, callbacks: [earlyBest({ monitor: "score" })] });
    const error = await trainer.fit(module, { trainLoader: toyLoader(1) }).catch(String);
    expect(error).to.include("Cannot use earlyBest: the Trainer needs a checkpointsFolder");
    module.dispose();
  });

  it("refuses times: a clock must not decide which weights are best", () => {
    expect(() => earlyBest({ monitor: "score", startAfter: "1h" })).to.throw(
      'Cannot build earlyBest: startAfter must be text such as "100 steps" or "2 epochs" or "5 %", got "1h"',
    );
  });
});
