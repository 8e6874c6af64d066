import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  findLastCheckpoint,
  InterruptedError,
  restoreParameters,
  Trainer,
  type Callback,
  type ManualTrainingModule,
  type TrainerOptions,
  type TrainingModule,
} from "seedbed";

import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import {
  stochasticWeightAveraging,
  type StochasticWeightAveragingOptions,
} from "../../callbacks/stochasticWeightAveraging.ts";
import { countingModule } from "../support/countingModule.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../support/toyTraining.ts";

type Options = Partial<StochasticWeightAveragingOptions>;

describe("stochasticWeightAveraging()", () => {
  const folder = temporaryFolder();

  /** Fits a weight that every step raises by 1, two steps an epoch. */
  async function average(
    options: Options,
    extra: TrainerOptions = { maxEpochs: 6 },
  ): Promise<{ validated: number[]; final: number }> {
    const module = countingModule();
    const validated: number[] = [];
    const recorder: Callback = {
      name: "recorder",
      onValidationEnd: ({ metrics }) => void validated.push(metrics["val/weight"]!),
    };
    const trainer = new Trainer({
      numSanityValSteps: 0,
      callbacks: [stochasticWeightAveraging({ swaLrs: 1, ...options }), recorder],
      print: () => {},
      ...extra,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(2), valLoader: toyLoader(1) });
      return { validated, final: module.weight.dataSync()[0]! };
    } finally {
      module.weight.dispose();
    }
  }

  const table: [title: string, options: Options, extra: TrainerOptions, final: number][] = [
    ["from an epoch on", { swaEpochStart: 3 }, { maxEpochs: 6 }, (6 + 8 + 10) / 3],
    ["from a part of all epochs on", { swaEpochStart: 0.7 }, { maxEpochs: 6 }, (8 + 10) / 2],
    ["of so many steps, too", { swaEpochStart: 0.7 }, { maxSteps: 11 }, (8 + 10) / 2],
    ["from the start", { swaEpochStart: 0 }, { maxEpochs: 3 }, (0 + 2 + 4) / 3],
    ["not before its start", { swaEpochStart: 5 }, { maxEpochs: 3 }, 6],
  ];
  for (const [title, options, extra, final] of table) {
    it(`averages the weights at the starts of epochs ${title}`, async () => {
      expect(await average(options, extra)).to.include({ final });
    });
  }

  it("validates with the weights themselves", async () => {
    const { validated } = await average({ swaEpochStart: 3 });
    expect(validated).to.deep.equal([2, 4, 6, 8, 10, 12]);
  });

  describe("with other state", () => {
    /** The counting module with the running mean of its weight: `0.5 * mean + 0.5 * weight`. */
    function withMean() {
      const counting = countingModule();
      const mean = tf.tidy(() => tf.variable(tf.scalar(0), false));
      const module: TrainingModule = {
        ...counting,
        otherState: () => new Map([["norm/mean", mean]]),
        trainingStep(...args) {
          mean.assign(mean.mul(0.5).add(counting.weight.mul(0.5)));
          return counting.trainingStep(...args);
        },
      };
      return { module, values: () => [counting.weight, mean].map((each) => each.dataSync()[0]) };
    }
    const averaging = { maxEpochs: 3, numSanityValSteps: 0 };
    const callback = () => stochasticWeightAveraging({ swaLrs: 1, swaEpochStart: 1 });

    it("measures running statistics anew with the average", async () => {
      const { module, values } = withMean();
      const lines: string[] = [];
      const print = (line: string): void => void lines.push(line);
      const trainer = new Trainer({ ...averaging, callbacks: [callback()], print });
      await trainer.fit(module, { trainLoader: toyLoader(2) });
      expect(values()).to.deep.equal([3, 3]); // the mean of 2 and 4
      expect(lines.at(-1)).to.match(/measured norm\/mean anew/);
      tf.dispose([...module.trainableParameters().values(), ...module.otherState!().values()]);
    });

    it("saves what was trained when it is interrupted there, and measures after the resume", async () => {
      const { module, values } = withMean();
      const interrupt = new AbortController();
      const interrupting: Callback = { name: "late", onFitEnd: () => interrupt.abort() };
      const options = { ...averaging, checkpointsFolder: folder.path("run"), print: () => {} };
      const first = new Trainer({
        ...options,
        callbacks: [interrupting, callback()],
        signal: interrupt.signal,
      });
      const fit = first.fit(module, { trainLoader: toyLoader(2) });
      expect(await fit.catch((error: unknown) => error)).to.be.instanceOf(InterruptedError);
      expect(values()).to.deep.equal([6, 4.03125]); // the mean of weights 0 to 5
      const resumeFrom = findLastCheckpoint(folder.path("run"));
      const second = new Trainer({ ...options, callbacks: [callback()] });
      await second.fit(module, { trainLoader: toyLoader(2), resumeFrom });
      expect(values()).to.deep.equal([3, 3]);
      tf.dispose([...module.trainableParameters().values(), ...module.otherState!().values()]);
    });

    it("measures that of a module that steps its optimizers itself", async () => {
      const { module, values } = withMean();
      const manual: ManualTrainingModule = {
        trainableParameters: () => module.trainableParameters(),
        otherState: () => module.otherState!(),
        configureOptimizers: () => module.configureOptimizers(),
        manualTrainingStep: (batch, { optimizers: [only], ...context }) => ({
          loss: only!.minimize(() => module.trainingStep(batch, context).loss),
        }),
      };
      const trainer = new Trainer({ ...averaging, callbacks: [callback()], print: () => {} });
      await trainer.fit(manual, { trainLoader: toyLoader(2) });
      expect(values()).to.deep.equal([3, 3]);
      tf.dispose([...module.trainableParameters().values(), ...module.otherState!().values()]);
    });
  });

  it("needs a known end for a part of all epochs", async () => {
    const error = await average({ swaEpochStart: 0.5 }, { maxEpochs: -1 }).catch(String);
    expect(error).to.include("expected maxEpochs or maxSteps to limit them");
  });

  // What torch.optim.swa_utils.SWALR of PyTorch 2.13 gives from 0.1 to 0.05 in 4 epochs.
  const cosine = [0.1, 0.09267766952966369, 0.075, 0.057322330470336316, 0.05, 0.05];
  const linear = [0.1, 0.0875, 0.075, 0.0625, 0.05, 0.05];
  const rates: [options: Options, expected: number[]][] = [
    [{ annealingEpochs: 4 }, cosine],
    [{ annealingEpochs: 4, annealingStrategy: "linear" }, linear],
    [{ annealingEpochs: 0 }, [0.05, 0.05, 0.05, 0.05, 0.05, 0.05]],
  ];

  /** Learning rates of each step: 0.2, 0.1 from the second epoch on, 0.02 from the fifth. */
  async function ratesWith(
    options: Options,
    extra: TrainerOptions & { resumeFrom?: string | undefined } = {},
  ): Promise<{ rates: number[]; bytes: string }> {
    const { resumeFrom, callbacks = [], ...others } = extra;
    const lrSchedule = (step: number): number => (step < 2 ? 2 : step < 8 ? 1 : 0.2);
    const module = toyModule({ optimizer: { name: "adamW", learningRate: 0.1 }, lrSchedule });
    const seen: number[] = [];
    const recorder: Callback = {
      name: "recorder",
      onTrainBatchEnd: ({ learningRate }) => void seen.push(learningRate),
    };
    const trainer = new Trainer({
      maxEpochs: 7,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [
        stochasticWeightAveraging({ swaLrs: 0.5, swaEpochStart: 1, ...options }),
        recorder,
        ...callbacks,
      ],
      print: () => {},
      ...others,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(2), resumeFrom });
      return { rates: seen, bytes: await parameterBytes(module) };
    } finally {
      module.dispose();
    }
  }

  for (const [options, expected] of rates) {
    it(`anneals the learning rate with ${JSON.stringify(options)}`, async () => {
      const { rates: seen } = await ratesWith(options);
      const wanted = [0.2, ...expected].flatMap((rate) => [rate, rate]);
      for (const [i, rate] of wanted.entries()) expect(seen[i], `${i}`).to.be.closeTo(rate, 1e-15);
      expect(seen).to.have.length(14);
    });
  }

  it("goes on as if there had been no interruption", async () => {
    const options = { annealingEpochs: 4 };
    const whole = await ratesWith(options);
    for (const maxSteps of [1, 2, 3, 7, 8]) {
      folder.clear();
      const callbacks = [modelCheckpoint()];
      const before = await ratesWith(options, { maxSteps, callbacks });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      const after = await ratesWith(options, { resumeFrom });
      expect([...before.rates, ...after.rates], `${maxSteps}`).to.deep.equal(whole.rates);
      expect(after.bytes).to.equal(whole.bytes);
    }
  });

  it("averages an epoch once, even if its start is seen again after a failure", async () => {
    const whole = await ratesWith({});
    let fails = true;
    const failing: Callback = {
      name: "failing",
      onTrainEpochStart({ step }) {
        if (step !== 6 || !fails) return;
        fails = false;
        throw new Error("on purpose");
      },
    };
    const checkpoints = modelCheckpoint({ saveOnException: true });
    await ratesWith({}, { callbacks: [failing, checkpoints] }).catch(String);
    const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
    expect(resumeFrom).to.include("step-0000006-interrupted");
    expect((await ratesWith({}, { resumeFrom })).bytes).to.equal(whole.bytes);
  });

  it("has the average in checkpoints", async () => {
    const { bytes } = await ratesWith({}, { callbacks: [modelCheckpoint()] });
    const module = toyModule();
    const checkpoint = folder.path("checkpoints", "step-0000014");
    restoreParameters(module, checkpoint, "stochasticWeightAveraging");
    expect(await parameterBytes(module)).to.equal(bytes);
    restoreParameters(module, checkpoint);
    expect(await parameterBytes(module)).not.to.equal(bytes);
    module.dispose();
  });
});
