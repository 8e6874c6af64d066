import { readdirSync, readFileSync, statSync } from "node:fs";

import { expect } from "chai";
import { listCheckpoints, readPointer, Trainer, type Callback } from "seedbed";

import { modelCheckpoint, type ModelCheckpointOptions } from "../../callbacks/modelCheckpoint.ts";
import { checkpointFits, scores } from "../support/checkpointFits.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

type Options = Partial<ModelCheckpointOptions>;

describe("modelCheckpoint()", () => {
  const { folder, root, fit, steps, best, last } = checkpointFits();
  const stateOf = (checkpoint: string, key: string): Record<string, unknown> => {
    const text = readFileSync(folder.path("checkpoints", checkpoint, "trainer.json"), "utf8");
    const content: { callbacks: Record<string, Record<string, unknown>> } = JSON.parse(text);
    return content.callbacks[key]!;
  };

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

  const room: [times: number, options: Options, kept: number[]][] = [
    [3.5, { monitor: "score", saveTopK: -1 }, [3, 4, 5]],
    [2.5, { monitor: "score", saveTopK: -1, mode: "max" }, [1, 5]],
    [2.5, { saveTopK: -1 }, [4, 5]],
    [0.5, { monitor: "score", saveTopK: -1, mode: "max" }, [1, 5]],
    [2.5, { ...onlyTop, saveTopK: -1 }, [3, 5]],
  ];
  for (const [times, options, kept] of room) {
    it(`keeps ${kept.join(", ")} of ${JSON.stringify(options)} where ${times} have room`, async () => {
      await fit(scores, options, { into: "all" });
      const [first = ""] = listCheckpoints(root("all"));
      const files = readdirSync(folder.path("all", first));
      const sizes = files.map((file) => statSync(folder.path("all", first, file)).size);
      const bytes = Math.round(times * sizes.reduce((sum, size) => sum + size, 0));
      await fit(scores, { ...options, maxTotalSize: `${bytes} B` });
      expect(steps()).to.deep.equal(kept);
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

  it("prints it of each fit", async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const callback = modelCheckpoint({ verbose: true });
    for (const into of ["first", "second"]) await fit([1], callback, { print, into });
    const saved = "modelCheckpoint: saved step-0000001";
    expect(lines.filter((line) => line.startsWith(saved))).to.have.length(2);
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
});
