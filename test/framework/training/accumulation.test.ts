import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { checkpointName } from "../../../framework/training/checkpointFolder.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import {
  curve,
  expectClose,
  fitIn,
  fitted,
  fitTogether,
  type WorkersFit,
} from "../../support/fitTogether.ts";
import { at, fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  parameterBytes,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

describe("Trainer: accumulation and clipping", () => {
  const optimizer = { name: "adamW", learningRate: 0.02 };

  /** The values of `parameterBytes`. */
  const floats = (bytes: string): number[] =>
    bytes.split(" ").flatMap((hex) => {
      const { buffer, byteOffset, length } = Buffer.from(hex, "hex");
      return [...new Float32Array(buffer.slice(byteOffset, byteOffset + length))];
    });

  for (const clip of [{}, { gradientClipVal: 0.1 }]) {
    it(`equals one large batch ${JSON.stringify(clip)}`, async () => {
      const small = toyLoader(6, 2);
      const large = {
        length: 2,
        async batch(epoch: number, index: number) {
          const parts = await Promise.all([0, 1, 2].map((i) => small.batch(epoch, index * 3 + i)));
          const joined = (name: string) => ({
            shape: [6, parts[0]![name]!.shape[1]!],
            values: Float32Array.from(parts.flatMap((part) => [...part[name]!.values])),
          });
          return { x: joined("x"), y: joined("y") };
        },
      };
      const results: number[][] = [];
      for (const [trainLoader, accumulateGradBatches] of [
        [small, 3],
        [large, 1],
      ] as const) {
        const module = toyModule({ optimizer });
        const trainer = new Trainer({ ...quiet, maxEpochs: 3, accumulateGradBatches, ...clip });
        await trainer.fit(module, { trainLoader });
        results.push(floats(await parameterBytes(module)));
        module.dispose();
      }
      const [accumulated, whole] = results;
      accumulated!.forEach((value, i) => expect(value).to.be.closeTo(whole![i]!, 2e-5));
    });
  }

  describe("with accumulateGradBatches that a callback sets as an epoch starts: 3, then 4", () => {
    const folder = temporaryFolder();
    const callbacks = (...others: Callback[]): Callback[] => [
      at("onTrainEpochStart", (state) => state.accumulateGradBatches++),
      at("onTrainBatchEnd", (state) => state.saveCheckpoint()),
      ...others,
    ];
    const options = { batches: 7, maxEpochs: 2, accumulateGradBatches: 2 };
    const fit = async (resumeFrom?: string) => {
      const module = toyModule();
      const trainer = new Trainer({
        ...{ ...quiet, ...options, checkpointsFolder: folder.path(), callbacks: callbacks() },
      });
      const { step } = await trainer.fit(module, { trainLoader: toyLoader(7), resumeFrom });
      const bytes = await parameterBytes(module);
      module.dispose();
      return { step, bytes };
    };

    it("is resumed at each step to the same bits", async () => {
      const whole = await fit();
      expect(whole.step).to.equal(3 + 2);
      for (const step of [1, 2, 3, 4]) {
        expect(await fit(folder.path(checkpointName(step))), `${step}`).to.deep.equal(whole);
      }
    });

    it("is continued inside an epoch by a second fit", async () => {
      const lengths: number[] = [];
      const module = toyModule();
      const stopping = at("onTrainBatchEnd", (state) => void (state.shouldStop = state.step === 1));
      const looking = at("onTrainBatchStart", (state) => lengths.push(state.accumulateGradBatches));
      const trainer = new Trainer({
        ...quiet,
        ...options,
        callbacks: callbacks(stopping, looking),
      });
      for (let i = 0; i < 2; i++) await trainer.fit(module, { trainLoader: toyLoader(7) });
      module.dispose();
      expect(lengths).to.deep.equal([...Array(7).fill(3), ...Array(7).fill(4)]);
    });
  });

  const windows: [options: ToyFit, updatedAt: number[]][] = [
    [{ batches: 7, accumulateGradBatches: 3 }, [2, 5, 6]],
    [{ batches: 7, accumulateGradBatches: 3, limitTrainBatches: 4 }, [2, 3]],
    [{ batches: 4, accumulateGradBatches: 9 }, [3]],
  ];
  for (const [options, updatedAt] of windows) {
    it(`updates after batches ${updatedAt.join(", ")} with ${JSON.stringify(options)}`, async () => {
      const seen: number[] = [];
      const looking = at("onTrainBatchEnd", ({ stepFinished, batchIndex }) => {
        if (stepFinished) seen.push(batchIndex);
      });
      const { step } = await fitToy({ maxEpochs: 2, callbacks: [looking], ...options });
      expect(seen).to.deep.equal([...updatedAt, ...updatedAt]); // windows begin anew in each epoch
      expect(step).to.equal(2 * updatedAt.length);
    });
  }

  it("divides a short window by its true count", async () => {
    // One parameter w with loss -w * x: the gradient is -x.
    const weight = tf.tidy(() => tf.variable(tf.scalar(0)));
    const module = {
      ...toyModule({ optimizer: { name: "sgd", learningRate: 1 } }),
      trainableParameters: () => new Map([["w", weight]]),
      trainingStep: ({ x }: tf.NamedTensorMap) => ({
        loss: x!.mul(weight).neg().mean<tf.Scalar>(),
      }),
    };
    const trainLoader = {
      length: 4,
      batch: async () => ({ x: { shape: [1], values: Float32Array.of(1) } }),
    };
    delete module.prepareBatch;
    await new Trainer({ ...quiet, maxEpochs: 1, accumulateGradBatches: 3 }).fit(module, {
      trainLoader,
    });
    expect(weight.dataSync()[0]).to.equal(2);
    weight.dispose();
    module.dispose();
  });

  it("clips to the norm and logs the norm before it", async () => {
    const logger = recordingLogger();
    const sgd = { optimizer: { name: "sgd", learningRate: 1 } };
    const before = await fitToy({ maxSteps: 0, module: sgd });
    const after = await fitToy({
      maxSteps: 1,
      module: sgd,
      gradientClipVal: 0.01,
      logEveryNSteps: 1,
      loggers: [logger],
    });
    const a = floats(before.bytes);
    const b = floats(after.bytes);
    const moved = Math.hypot(...b.map((value, i) => value - a[i]!));
    expect(moved).to.be.closeTo(0.01, 1e-5);
    expect(logger.rows[0]!.metrics["train/gradientNorm"]).to.be.above(0.1);
  });

  describe("of compiled steps, whose number of batches changes with the epoch", () => {
    onOrt();
    let compile: Compile = runEagerly;
    before(async () => ({ compile } = await useBackend("ort", { threads: 2 })));

    it("takes all gradients of a window, with two workers as with one", async () => {
      const options = (): WorkersFit => ({
        ...{ compile, examples: 32, maxEpochs: 3, maxSteps: 10 },
        callbacks: [
          at("onTrainEpochStart", (state) => {
            state.accumulateGradBatches = state.epoch === 1 ? 2 : 1;
          }),
        ],
      });
      const alone = await fitIn(singleProcess, { ...options(), batchSize: 8 });
      const [first] = fitted(await fitTogether(options()));
      expect(first!.step).to.equal(4 + 2 + 4);
      for (const name of ["train/loss", "train/gradientNorm"]) {
        expectClose(curve(first!, name), curve(alone, name), 1e-4); // sums in another order
      }
    });
  });
});
