import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import {
  createOptimizer,
  findLastCheckpoint,
  RandomStream,
  Trainer,
  type Callback,
  type Compile,
  type DataLoader,
  type ManualTrainingModule,
  type TrainerOptions,
} from "seedbed";

import {
  learningRateFinder,
  suggest,
  type LearningRateCurve,
} from "../../callbacks/learningRateFinder.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { onOrt } from "../support/parity.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

/** 7 batches an epoch, all the same, so that the slope of the loss is not hidden by their noise. */
const alikeBatches: DataLoader = { length: 7, batch: () => toyLoader(1, 8).batch(0, 0) };

describe("learningRateFinder()", () => {
  const folder = temporaryFolder();
  const readCurve = (): LearningRateCurve & { suggestion: number | null } =>
    JSON.parse(readFileSync(folder.path("lr-finder.json"), "utf8"));

  interface Fit extends TrainerOptions {
    learningRate?: number;
    resumeFrom?: string | undefined;
  }

  /** Fits the toy on noisy inputs with accumulation, a schedule and groups; rows of losses too. */
  async function fit({ learningRate = 0.001, resumeFrom, ...options }: Fit): Promise<{
    bytes: string;
    rows: unknown[];
    printed: string[];
  }> {
    const toy = toyModule({ noise: 0.02 });
    const optimizer = { name: "adamW", learningRate };
    const lrSchedule = (step: number): number => 1 / (1 + step);
    const module = {
      ...toy,
      configureOptimizers: () => ({ optimizer: createOptimizer(optimizer), lrSchedule }),
    };
    const logger = recordingLogger();
    const printed: string[] = [];
    const trainer = new Trainer({
      seed: 5,
      maxSteps: 6,
      accumulateGradBatches: 2,
      gradientClipVal: 1,
      logEveryNSteps: 1,
      checkpointsFolder: folder.path("checkpoints"),
      loggers: [logger],
      print: (line) => printed.push(line),
      ...options,
    });
    try {
      await trainer.fit(module, {
        trainLoader: alikeBatches,
        valLoader: toyLoader(2),
        resumeFrom,
      });
      const rows = logger.rows.filter(({ step }) => step > 0);
      return { bytes: await parameterBytes(module), rows, printed };
    } finally {
      toy.dispose();
    }
  }

  it("gives the bits of a fit that had the learning rate from the start", async () => {
    const found = await fit({ callbacks: [learningRateFinder()] });
    const { suggestion } = readCurve();
    expect(suggestion).to.be.within(1e-3, 1);
    expect(found.printed.join("\n")).to.include(`suggests a learning rate of ${suggestion}`);
    const known = await fit({ learningRate: suggestion! });
    expect(found.rows).to.deep.equal(known.rows);
    expect(found.bytes).to.equal(known.bytes);
  });

  it("is kept by a fit that resumes, with the callback or without", async () => {
    const whole = await fit({ callbacks: [learningRateFinder()] });
    for (const again of [[learningRateFinder()], []]) {
      folder.clear();
      await fit({ callbacks: [learningRateFinder(), modelCheckpoint()], maxSteps: 2 });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      const resumed = await fit({ callbacks: again, resumeFrom });
      expect(resumed.bytes).to.equal(whole.bytes);
      expect(resumed.printed.join("\n")).not.to.include("suggests");
    }
  });

  it("tries learning rates from the least to the greatest, evenly in their logarithm", async () => {
    const options = { minLr: 1e-4, maxLr: 1, numTrainingSteps: 5, earlyStopThreshold: null };
    await fit({ callbacks: [learningRateFinder({ ...options, skipBegin: 0 })] });
    const { learningRates, losses, smoothedLosses } = readCurve();
    expect(losses).to.have.length(5);
    for (const [i, rate] of [1e-4, 1e-3, 1e-2, 1e-1, 1].entries()) {
      expect(learningRates[i]).to.be.closeTo(rate, rate * 1e-12);
    }
    expect(smoothedLosses[0]).to.be.closeTo(losses[0]!, 1e-12);
    const second = (0.98 * losses[0]! + losses[1]!) / 1.98; // of an average that starts unbiased
    expect(smoothedLosses[1]).to.be.closeTo(second, 1e-12);
  });

  it("ends when the loss has become many times its best", async () => {
    const options = { minLr: 0.01, maxLr: 1e4, smoothing: 0 };
    await fit({ callbacks: [learningRateFinder(options)] });
    const { losses } = readCurve();
    const best = Math.min(...losses.slice(0, -1));
    expect(losses.length).to.be.below(100);
    expect(losses.at(-1)).to.be.above(4 * best);
    let least = Infinity;
    for (const loss of losses.slice(0, -1)) {
      expect(loss).to.be.at.most(4 * least);
      least = Math.min(least, loss);
    }
  });

  it("only tells with updateLr off", async () => {
    const told = await fit({ callbacks: [learningRateFinder({ updateLr: false })] });
    const without = await fit({});
    expect(told.bytes).to.equal(without.bytes);
    expect(told.printed.join("\n")).to.include("suggests a learning rate");
  });

  it("searches when a fit is resumed whose search was interrupted", async () => {
    const whole = await fit({ callbacks: [learningRateFinder()] });
    folder.clear();
    const controller = new AbortController();
    let hooks = 0;
    const aborting: Callback = {
      name: "aborting",
      onAfterBackward() {
        if (++hooks === 20) controller.abort();
      },
    };
    const callbacks = [learningRateFinder(), aborting];
    await fit({ callbacks, signal: controller.signal }).catch(() => {});
    expect(existsSync(folder.path("lr-finder.json"))).to.equal(false);
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    expect(resumeFrom).to.include("step-0000000-interrupted");
    const resumed = await fit({ callbacks: [learningRateFinder()], resumeFrom });
    expect(resumed.bytes).to.equal(whole.bytes);
  });

  it("does nothing in a fast development run", async () => {
    const { printed } = await fit({ fastDevRun: true, callbacks: [learningRateFinder()] });
    expect(printed.join("\n")).not.to.include("learningRateFinder");
    expect(existsSync(folder.path("lr-finder.json"))).to.equal(false);
  });

  describe("on ort", () => {
    onOrt();
    let compile: Compile;
    before(async () => {
      ({ compile } = await useBackend("ort", { threads: 2 }));
    });

    it("gives the bits of a fit that had the learning rate from the start", async () => {
      const found = await fit({ compile, callbacks: [learningRateFinder()] });
      const known = await fit({ compile, learningRate: readCurve().suggestion! });
      expect(found.bytes).to.equal(known.bytes);
    });
  });

  it("refuses several optimizers, whose rates it could not tell apart", async () => {
    const optimizers = ["a", "b"].map((name) => ({
      name,
      optimizer: createOptimizer({ name: "sgd" }),
    }));
    const toy = toyModule();
    const module: ManualTrainingModule = {
      trainableParameters: () => toy.trainableParameters(),
      configureOptimizers: () => optimizers,
      manualTrainingStep: () => ({}),
    };
    const trainer = new Trainer({
      maxSteps: 1,
      print: () => {},
      callbacks: [learningRateFinder()],
    });
    const error = await trainer.fit(module, { trainLoader: alikeBatches }).catch(String);
    toy.dispose();
    expect(error).to.include("expected one optimizer, got 2");
  });

  it("needs a range of learning rates", () => {
    expect(() => learningRateFinder({ minLr: 1, maxLr: 0.1 })).to.throw(
      "expected minLr below maxLr, got 1 and 0.1",
    );
  });
});

describe("suggest()", () => {
  const learningRates = [1, 2, 3, 4, 5, 6, 7];
  const table: [title: string, losses: number[], begin: number, end: number, rate?: number][] = [
    ["where the loss falls most", [9, 9, 8, 4, 3, 3, 9], 0, 1, 3],
    ["not among the first", [9, 1, 1, 1, 0.9, 0.5, 9], 2, 1, 6],
    ["not among the last", [5, 5, 4, 2, 2, 1, -9], 0, 2, 3],
    ["past what is not finite", [9, 8, 3, 2, 2, Number.NaN, 9], 0, 1, 2],
    ["nowhere when it never falls", [1, 1, 2, 3, 4, 5, 6], 0, 1],
    ["nowhere when nothing is left", [3, 2, 1], 2, 1],
  ];
  for (const [title, losses, skipBegin, skipEnd, rate] of table) {
    it(`suggests ${title}`, () => {
      expect(suggest({ learningRates, losses }, { skipBegin, skipEnd })).to.equal(rate);
    });
  }

  it("suggests where the loss falls most through the noise of its batches", () => {
    const steps = Array.from({ length: 100 }, (_, i) => i);
    for (const seed of [1, 2, 3, 4, 5]) {
      const noise = new RandomStream(seed, "noise").normals(100);
      const losses = steps.map((i) => 1 / (1 + Math.exp((i - 60) / 4)) + 0.05 * noise[i]!);
      const curve = { learningRates: steps, losses };
      expect(suggest(curve, { skipBegin: 10, skipEnd: 1 }), `${seed}`).to.be.within(55, 65);
    }
  });
});
