import { existsSync, readFileSync, rmSync } from "node:fs";

import { expect } from "chai";
import {
  findLastCheckpoint,
  InputError,
  InterruptedError,
  listCheckpoints,
  readPointer,
  restoreParameters,
  Trainer,
  type Callback,
} from "seedbed";

import { modelCheckpoint, type ModelCheckpointOptions } from "../../callbacks/modelCheckpoint.ts";
import { weightAveraging } from "../../callbacks/weightAveraging.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

type Options = Partial<ModelCheckpointOptions>;

interface Fit {
  maxSteps?: number;
  /** Steps per epoch; `score` is logged at the end of each epoch. */
  batches?: number;
  /** Of the checkpoints, below the temporary folder. */
  into?: string;
  resumeFrom?: string | undefined;
  callbacks?: Callback[];
  print?: (line: string) => void;
}

describe("modelCheckpoint()", () => {
  const folder = temporaryFolder();
  const root = (name = "checkpoints"): string => folder.path(name);

  /** Fits with one step per epoch; the metric `score` of step n is `scores[n - 1]`. */
  async function fit(
    scores: readonly number[],
    options: Options | Callback,
    extra: Fit = {},
  ): Promise<string> {
    const { maxSteps = scores.length, batches = 1, into, resumeFrom, callbacks = [] } = extra;
    const module = toyModule();
    const scripted: Callback = {
      name: "scripted",
      onTrainEpochEnd: (state) => state.log("score", scores[state.step - 1]!),
    };
    const tested = "name" in options ? options : modelCheckpoint(options);
    const trainer = new Trainer({
      maxSteps,
      checkpointsFolder: root(into),
      callbacks: [tested, scripted, ...callbacks],
      print: extra.print ?? (() => {}),
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(batches), resumeFrom });
      return await parameterBytes(module);
    } finally {
      module.dispose();
    }
  }

  /** Steps of the checkpoints on disk, in order. */
  const steps = (name?: string): number[] =>
    listCheckpoints(root(name))
      .map((checkpoint) => Number(checkpoint.slice("step-".length)))
      .toSorted((a, b) => a - b);
  const names = (): string[] => listCheckpoints(root()).toSorted();
  const best = (): number | undefined => readPointer(root(), "best")?.step;
  const last = (): number | undefined => readPointer(root(), "last")?.step;
  const stateOf = (checkpoint: string, key: string): Record<string, unknown> => {
    const text = readFileSync(folder.path("checkpoints", checkpoint, "trainer.json"), "utf8");
    const content: { callbacks: Record<string, Record<string, unknown>> } = JSON.parse(text);
    return content.callbacks[key]!;
  };

  const scores = [10, 9, 2.8, 5, 2.5];
  const onlyTop = { monitor: "score", saveLast: false };
  const table: [
    options: Partial<ModelCheckpointOptions>,
    kept: number[],
    best: number | undefined,
  ][] = [
    [{ ...onlyTop, saveTopK: 1 }, [5], 5],
    [{ ...onlyTop, saveTopK: 2 }, [3, 5], 5],
    [{ ...onlyTop, saveTopK: 3 }, [3, 4, 5], 5],
    [{ ...onlyTop, saveTopK: -1 }, [1, 2, 3, 4, 5], 5],
    [{ ...onlyTop, saveTopK: 1, mode: "max" }, [1], 1],
    [{ monitor: "score", saveTopK: 1, mode: "max" }, [1, 5], 1],
    [{ monitor: "score", saveTopK: 0 }, [5], undefined],
    [{}, [5], undefined],
    [{ saveTopK: -1, everyNEpochs: 2 }, [2, 4, 5], undefined],
    [{ saveTopK: -1, everyNTrainSteps: 2 }, [2, 4, 5], undefined],
    [{ saveTopK: -1, everyNTrainSteps: 2, saveLast: false }, [2, 4], undefined],
  ];
  for (const [options, kept, bestStep] of table) {
    it(`${JSON.stringify(options)} keeps ${kept.join(", ")}`, async () => {
      await fit(scores, options);
      expect(steps()).to.deep.equal(kept);
      expect(best()).to.equal(bestStep);
    });
  }

  it("keeps the older of two equal ones", async () => {
    await fit([1, 1, 1], { ...onlyTop });
    expect([steps(), best()]).to.deep.equal([[1], 1]);
  });

  it("keeps NaN only while nothing else is there", async () => {
    await fit([NaN, 3, NaN], onlyTop);
    expect([steps(), best()]).to.deep.equal([[2], 2]);
  });

  it("counts NaN as the worst infinity", async () => {
    const callback = modelCheckpoint({ ...onlyTop, saveTopK: 2 });
    await fit([NaN, 3], callback);
    expect([...callback.bestKModels.values()]).to.deep.equal([3, Infinity]);
    await fit([NaN], { ...onlyTop, mode: "max" });
    expect(readPointer(root(), "best")?.score).to.equal("-Infinity");
  });

  it("points to the last even when it is not the best", async () => {
    await fit([1, 5, 9], { monitor: "score" });
    expect([steps(), best(), last()]).to.deep.equal([[1, 3], 1, 3]);
  });

  it("points to the best and the last when neither is new", async () => {
    await fit([1, 5, 0.5, 9], { monitor: "score" });
    expect([steps(), best(), last()]).to.deep.equal([[3, 4], 3, 4]);
  });

  describe("when resumed", () => {
    const options = { ...onlyTop, mode: "max", saveTopK: 2, everyNTrainSteps: 2 } as const;
    const rising = Array.from({ length: 10 }, (_, i) => i + 1);
    const from = (name: string): string => folder.path("checkpoints", name);
    beforeEach(async () => {
      await fit(rising, options, { maxSteps: 4 });
      expect(steps()).to.deep.equal([2, 4]);
    });

    it("keeps the checkpoint it began with while it goes on", async () => {
      await fit(rising, options, { maxSteps: 8, resumeFrom: from("step-0000004") });
      expect([steps(), best()]).to.deep.equal([[4, 6, 8], 8]);
      await fit(rising, options, { maxSteps: 10, resumeFrom: from("step-0000008") });
      expect([steps(), best()]).to.deep.equal([[8, 10], 10]);
    });

    it("leaves another folder alone, but remembers the best of it", async () => {
      const callback = modelCheckpoint(options);
      const lines: string[] = [];
      const extra = { into: "elsewhere", print: (line: string) => void lines.push(line) };
      const resumeFrom = from("step-0000004");
      await fit(rising, callback, { ...extra, maxSteps: 5, resumeFrom });
      expect([callback.bestModelPath, callback.bestModelScore]).to.deep.equal([resumeFrom, 4]);
      expect(lines.join()).to.include(`the best of them is ${resumeFrom}`);

      await fit(rising, callback, { ...extra, maxSteps: 8, resumeFrom });
      expect([steps("elsewhere"), steps()]).to.deep.equal([
        [6, 8],
        [2, 4],
      ]);
      expect(callback.bestModelPath).to.equal(folder.path("elsewhere", "step-0000008"));
    });

    it("ends up with what a run in one go has", async () => {
      const both = { monitor: "score", saveTopK: 2 };
      await fit(scores, both, { into: "one-go" });
      await fit(scores, both, { into: "resumed", maxSteps: 3 });
      await fit(scores, both, {
        into: "resumed",
        resumeFrom: findLastCheckpoint(root("resumed")),
      });
      expect(steps("resumed")).to.deep.equal(steps("one-go"));
    });

    it("forgets checkpoints that are no longer there", async () => {
      const callback = modelCheckpoint({ ...options, mode: "min" });
      await fit(rising, callback, { into: "min", maxSteps: 4 });
      rmSync(folder.path("min", "step-0000002"), { recursive: true });
      const resumeFrom = folder.path("min", "step-0000004");
      await fit(rising, callback, { into: "min", maxSteps: 8, resumeFrom });
      expect(steps("min")).to.deep.equal([4, 6]);
    });
  });

  it("saves after the validation of the same step", async () => {
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 8,
      valCheckInterval: 2,
      checkpointsFolder: root(),
      callbacks: [modelCheckpoint({ monitor: "val/loss", saveTopK: -1, everyNTrainSteps: 2 })],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(8), valLoader: toyLoader(2) });
    for (const name of listCheckpoints(root())) {
      const text = readFileSync(folder.path("checkpoints", name, "trainer.json"), "utf8");
      const step = Number(name.slice("step-".length));
      expect(text).to.include(`"val/loss": ${step}\n`); // the step it was measured at
    }
    expect(steps()).to.deep.equal([2, 4, 6, 8]);
    module.dispose();
  });

  it("does not judge a step by an older measurement", async () => {
    // `score` is logged at the end of each epoch of three steps; saves are every two steps.
    await fit([0, 0, 9, 0, 0, 1], { monitor: "score", everyNTrainSteps: 2 }, { batches: 3 });
    expect([steps(), best()]).to.deep.equal([[6], 6]);
  });

  it("flushes the loggers before a checkpoint counts", async () => {
    const logger = recordingLogger();
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 2,
      logEveryNSteps: 1,
      loggers: [logger],
      checkpointsFolder: root(),
      callbacks: [modelCheckpoint({ everyNTrainSteps: 1 })],
      print: () => {},
    });
    await trainer.fit(module, { trainLoader: toyLoader(8) });
    expect(logger.flushes.slice(0, 2)).to.deep.equal([1, 2]); // rows before each flush
    module.dispose();
  });

  it("does not remove what another callback keeps", async () => {
    const every = modelCheckpoint({ everyNTrainSteps: 2, saveTopK: -1, saveLast: false });
    await fit(scores, { monitor: "score" }, { callbacks: [every] });
    expect(steps()).to.deep.equal([2, 4, 5]);
  });

  it("saves when any callback asks", async () => {
    const asking: Callback = {
      name: "asking",
      onTrainBatchEnd(state) {
        if (state.step === 2) state.saveCheckpoint();
      },
    };
    await fit(scores, { saveTopK: 0, saveLast: false }, { callbacks: [asking] });
    expect(steps()).to.deep.equal([2]);
  });

  it("names what there is when the metric is missing", async () => {
    const error = await fit(scores, { monitor: "scor" }).catch(String);
    expect(error).to.match(/Cannot monitor "scor": it was never logged, expected one of .*score/);
  });

  it("refuses contradictory options", () => {
    expect(() => modelCheckpoint({ saveTopK: 2 })).to.throw("saveTopK 2 needs a metric");
    const table: [options: Options, triggers: string][] = [
      [{ everyNTrainSteps: 1, everyNEpochs: 2 }, "everyNTrainSteps 1 and everyNEpochs 2"],
      [
        { everyNTrainSteps: 3, trainTimeInterval: "1h" },
        "everyNTrainSteps 3 and trainTimeInterval 1h",
      ],
    ];
    for (const [options, triggers] of table) {
      expect(() => modelCheckpoint(options)).to.throw(`expected one trigger, got ${triggers}; use`);
    }
    expect(() => modelCheckpoint({ everyNEpochs: -1 })).to.throw("everyNEpochs must be >= 0");
    expect(() => modelCheckpoint({ filename: "a/b" })).to.throw('checkpoint name "a/b"');
    expect(() => modelCheckpoint({ trainTimeInterval: "5 steps" })).to.throw('such as "30 min"');
  });

  it("tells from code and in its state what it has saved", async () => {
    const callback = modelCheckpoint({ monitor: "score", saveTopK: 2 });
    await fit(scores, callback);
    const at = (name: string): string => folder.path("checkpoints", name);
    expect(callback).to.include({
      bestModelPath: at("step-0000005"),
      bestModelScore: 2.5,
      kthBestModelPath: at("step-0000003"),
      lastModelPath: at("step-0000005"),
    });
    expect([...callback.bestKModels]).to.deep.equal([
      [at("step-0000005"), 2.5],
      [at("step-0000003"), 2.8],
    ]);
    expect(stateOf("step-0000005", "modelCheckpoint(score, min, 0, 1)")).to.deep.equal({
      top: [
        { name: "step-0000005", step: 5, score: 2.5 },
        { name: "step-0000003", step: 3, score: 2.8 },
      ],
      last: { name: "step-0000005", step: 5, score: 2.5 },
      obsolete: ["step-0000004"],
      inherited: null,
    });
  });

  it("has no kth best while places are left", async () => {
    const callback = modelCheckpoint({ monitor: "score", saveTopK: 3 });
    await fit([2, 1], callback);
    expect(callback.kthBestModelPath).to.equal(undefined);
  });

  it("prints what it saves, if asked", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await fit([2, 1, 3], { monitor: "score", verbose: true }, { print });
    expect(lines.slice(1)).to.deep.equal([
      "modelCheckpoint: saved step-0000001, score 2, number 1 of the best",
      "modelCheckpoint: saved step-0000002, score 1, number 1 of the best",
      "modelCheckpoint: saved step-0000003, score 3",
    ]);
  });

  it("saves when so much time has passed since the last save", async () => {
    let nowMs = 0;
    const clock: Callback = { name: "clock", onTrainBatchEnd: () => void (nowMs += 20_000) };
    const options = { trainTimeInterval: "1 min", saveTopK: -1, saveLast: false };
    const callback = modelCheckpoint(options, () => nowMs);
    await fit(
      Array.from({ length: 8 }, () => 0),
      callback,
      { callbacks: [clock] },
    );
    expect(steps()).to.deep.equal([3, 6]);
  });

  it("saves at an interval", async () => {
    const table: [everyNTrainSteps: string, kept: number[]][] = [
      ["30 %", [3, 6]],
      ["6 samples", [3, 6]],
      ["4 epochs", [4, 8]],
    ];
    for (const [everyNTrainSteps, kept] of table) {
      const options = { everyNTrainSteps, saveTopK: -1, saveLast: false };
      await fit([0, 0, 0, 0, 0, 0, 0, 0], options, { into: everyNTrainSteps });
      expect(steps(everyNTrainSteps), everyNTrainSteps).to.deep.equal(kept);
    }
  });

  it("can save at epoch ends when validation has an interval", async () => {
    const table: [saveOnTrainEpochEnd: boolean | null, kept: number[]][] = [
      [null, [2, 4, 6, 8]],
      [false, [2, 4, 6, 8]],
      [true, [4, 8]],
    ];
    for (const [saveOnTrainEpochEnd, kept] of table) {
      const module = toyModule();
      const into = String(saveOnTrainEpochEnd);
      const trainer = new Trainer({
        maxSteps: 8,
        valCheckInterval: 2,
        checkpointsFolder: root(into),
        callbacks: [modelCheckpoint({ saveTopK: -1, saveOnTrainEpochEnd })],
        print: () => {},
      });
      await trainer.fit(module, { trainLoader: toyLoader(4), valLoader: toyLoader(1) });
      module.dispose();
      expect(steps(into), into).to.deep.equal(kept);
    }
  });

  describe("with a filename", () => {
    const named = { monitor: "score", saveLast: false, filename: "{epoch:02d}-{score:.1f}" };

    it("writes numbers with their names, or without", async () => {
      await fit(scores, { ...named, saveTopK: 2 });
      expect(names()).to.deep.equal(["epoch=02-score=2.8", "epoch=04-score=2.5"]);
      await fit([7], { ...named, autoInsertMetricName: false });
      expect(names()).to.include("00-7.0");
    });

    it("can be resumed from the newest, whatever its name", async () => {
      const options = { ...named, filename: "{score:.1f}" };
      const bytes = await fit(scores, options, { into: "one-go" });
      await fit(scores, options, { maxSteps: 3 });
      rmSync(folder.path("checkpoints", "last.json"));
      const resumeFrom = findLastCheckpoint(root());
      expect(resumeFrom).to.equal(folder.path("checkpoints", "score=2.8"));
      expect(await fit(scores, options, { resumeFrom })).to.equal(bytes);
    });

    it("uses one name again and again", async () => {
      await fit(scores, { ...named, filename: "model" });
      expect(names()).to.deep.equal(["model"]);
      expect([best(), last()]).to.deep.equal([5, 5]);
    });

    it("adds a version when another checkpoint has the name", async () => {
      const everyStep = { filename: "model", saveLast: false, saveTopK: -1 };
      await fit([1, 2, 3], everyStep);
      expect(names()).to.deep.equal(["model", "model-v1", "model-v2"]);
      await fit([1], everyStep);
      expect(names()).to.include("model-v3");
    });

    it("overwrites it without the version counter", async () => {
      await fit([1, 2, 3], { filename: "model", saveTopK: -1, enableVersionCounter: false });
      expect([names(), last()]).to.deep.equal([["model"], 3]);
    });

    it("shares a checkpoint with another callback, but does not take it away", async () => {
      const rising = modelCheckpoint({
        monitor: "score",
        mode: "max",
        saveLast: false,
        filename: "m",
      });
      const falling = modelCheckpoint({ monitor: "score", saveLast: false, filename: "m" });
      await fit([5, 7], rising, { callbacks: [falling] });
      expect([rising.bestModelPath, falling.bestModelPath]).to.deep.equal([
        folder.path("checkpoints", "m-v1"),
        folder.path("checkpoints", "m"),
      ]);
      expect(names()).to.deep.equal(["m", "m-v1"]);
    });

    it("finds the name of a step free that a killed fit had reached", async () => {
      const options = { ...named, filename: "{epoch}", saveTopK: -1 };
      await fit([1, 2, 3], options);
      const resumeFrom = folder.path("checkpoints", "epoch=1");
      await fit([1, 2, 3], options, { resumeFrom });
      expect(names()).to.deep.equal(["epoch=0", "epoch=1", "epoch=2"]);
    });

    it("does not overwrite the checkpoint that the fit was resumed from", async () => {
      await fit([3], { ...named, filename: "model" });
      const resumeFrom = folder.path("checkpoints", "model");
      await fit([3, 2], { ...named, filename: "model" }, { resumeFrom });
      expect(names()).to.deep.equal(["model", "model-v1"]);
    });
  });

  describe("with saveWeightsOnly", () => {
    const weights = { saveWeightsOnly: true };

    it("saves weights that training cannot be resumed from", async () => {
      const bytes = await fit([1], weights);
      const checkpoint = folder.path("checkpoints", "step-0000001-weights");
      expect(
        existsSync(folder.path("checkpoints", "step-0000001-weights", "optimizer.safetensors")),
      ).to.equal(false);
      const module = toyModule();
      restoreParameters(module, checkpoint);
      expect(await parameterBytes(module)).to.equal(bytes);
      module.dispose();
      expect(() => restoreParameters(module, checkpoint, "weightAveraging")).to.throw(
        InputError,
        "no weights averaged by",
      );
      expect([findLastCheckpoint(root()), last()]).to.deep.equal([undefined, undefined]);
      expect(await fit([1, 2], weights, { resumeFrom: checkpoint }).catch(String)).to.include(
        `Cannot resume from ${checkpoint}: expected a whole checkpoint, got one of weights only`,
      );
    });

    it("keeps them beside whole checkpoints", async () => {
      await fit([1, 2], weights, { callbacks: [modelCheckpoint()] });
      expect(names()).to.deep.equal(["step-0000002", "step-0000002-weights"]);
      expect(findLastCheckpoint(root())).to.equal(folder.path("checkpoints", "step-0000002"));
    });

    it("takes averaged weights", async () => {
      const averaging = weightAveraging({ decay: 0.5 });
      const average = await fit([1, 2], weights, { callbacks: [averaging] }); // left in the model
      const module = toyModule();
      restoreParameters(module, folder.path("checkpoints", "step-0000002-weights"));
      expect(await parameterBytes(module)).to.equal(average);
      module.dispose();
    });
  });

  describe("with saveOnException", () => {
    const options = { saveOnException: true, everyNTrainSteps: 100, saveLast: false };
    const failing = (hook: keyof Callback, error = new Error("on purpose")): Callback => ({
      name: "failing",
      [hook]: ({ step }: { step: number }) => {
        if (step === 2) throw error;
      },
    });

    it("saves what the last step left", async () => {
      const bytes = await fit([1, 2, 3, 4], options, { into: "one-go" });
      await fit([1, 2, 3, 4], options, { callbacks: [failing("onTrainEpochStart")] }).catch(String);
      expect(names()).to.deep.equal(["step-0000002-interrupted"]);
      const resumeFrom = findLastCheckpoint(root());
      expect(await fit([1, 2, 3, 4], options, { resumeFrom })).to.equal(bytes);
    });

    it("does not save in the middle of a step, nor twice after an interruption", async () => {
      const callbacks = [failing("onTrainBatchEnd")];
      const error = await fit([1, 2, 3], options, { callbacks }).catch(String);
      expect([error, names()]).to.deep.equal([
        'Error: Cannot finish onTrainBatchEnd of callback "failing": on purpose',
        [],
      ]);
      const controller = new AbortController();
      const aborting: Callback = { name: "aborting", onTrainEpochStart: () => controller.abort() };
      const module = toyModule();
      const trainer = new Trainer({
        maxSteps: 3,
        checkpointsFolder: root(),
        signal: controller.signal,
        callbacks: [modelCheckpoint(options), aborting],
        print: () => {},
      });
      const interrupted: unknown = await trainer
        .fit(module, { trainLoader: toyLoader(3) })
        .catch((caught: unknown) => caught);
      module.dispose();
      expect(interrupted).to.be.instanceOf(InterruptedError);
      expect(names()).to.deep.equal(["step-0000001-interrupted"]);
    });

    it("reports the failure of training, not that of saving", async () => {
      const lines: string[] = [];
      const unsaved = failing("onSaveCheckpoint", new Error("disk full"));
      const error = await fit([1, 2, 3], options, {
        callbacks: [failing("onTrainEpochStart"), unsaved],
        print: (line) => void lines.push(line),
      }).catch(String);
      expect(error).to.include("on purpose");
      expect(lines.join()).to.match(/No checkpoint could be saved after the exception:.*disk full/);
    });
  });
});
