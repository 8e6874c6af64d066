import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  findLastCheckpoint,
  restoreParameters,
  Trainer,
  type Callback,
  type TrainerOptions,
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

  it("says what of the model is not of the averaged weights", async () => {
    const counting = countingModule();
    const statistic = tf.tidy(() => tf.variable(tf.scalar(0), false));
    const module = { ...counting, otherState: () => new Map([["norm/moving_mean", statistic]]) };
    const lines: string[] = [];
    const trainer = new Trainer({
      maxEpochs: 2,
      callbacks: [stochasticWeightAveraging({ swaLrs: 1, swaEpochStart: 1 })],
      print: (line) => void lines.push(line),
    });
    await trainer.fit(module, { trainLoader: toyLoader(2) });
    tf.dispose([counting.weight, statistic]);
    expect(lines.at(-1)).to.include(
      '"norm/moving_mean" belongs to the weights before averaging; if it is a statistic',
    );
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
