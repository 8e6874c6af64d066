import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { Trainer } from "../../../framework/training/trainer.ts";
import { at, fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
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
});
