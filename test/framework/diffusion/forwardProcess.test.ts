import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { toTensor } from "../../../framework/base/hostTensor.ts";
import { addNoise, noiseLevels, velocity } from "../../../framework/diffusion/forwardProcess.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import {
  predictedNoise,
  predictedSample,
  predictedVelocity,
  predictionFactors,
  predictionTarget,
} from "../../../framework/diffusion/predictions.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { expectClose } from "../../support/tensors.ts";

const schedule = createNoiseSchedule(stableDiffusionSchedule);
const types = ["epsilon", "v_prediction", "sample"] as const;

function levelsOf(timesteps: Int32Array): { signalScale: tf.Tensor; noiseScale: tf.Tensor } {
  const { signalScale, noiseScale } = noiseLevels(schedule, timesteps);
  return { signalScale: toTensor(signalScale), noiseScale: toTensor(noiseScale) };
}

describe("addNoise() and velocity()", () => {
  it("mix sample and noise by each example's levels: a case by hand", async () => {
    const levels = {
      signalScale: tf.tensor([0.6, 1], [2, 1]),
      noiseScale: tf.tensor([0.8, 0], [2, 1]),
    };
    const [sample, noise] = [tf.tensor([2, 5], [2, 1]), tf.tensor([3, 7], [2, 1])];
    const actual = [addNoise(sample, noise, levels), velocity(sample, noise, levels)] as const;
    const expected = [
      tf.tensor([0.6 * 2 + 0.8 * 3, 5], [2, 1]),
      tf.tensor([0.6 * 3 - 0.8 * 2, 7], [2, 1]),
    ] as const;
    await expectClose(actual[0], expected[0], 1e-6);
    await expectClose(actual[1], expected[1], 1e-6);
    tf.dispose([levels, sample, noise, [...actual], [...expected]]);
  });
});

describe("predictions", () => {
  for (const type of types) {
    it(`${type}: sample, noise and velocity come back from the target`, async () => {
      const levels = levelsOf(Int32Array.of(1, 500, 980));
      const [sample, noise] = [
        tf.randomNormal([3, 1, 2, 2], 0, 1, "float32", 1),
        tf.ones([3, 1, 2, 2]),
      ];
      const noisy = addNoise(sample, noise, levels);
      const target = predictionTarget(type, sample, noise, levels);
      const backs = [
        predictedSample(type, target, noisy, levels),
        predictedNoise(type, target, noisy, levels),
        predictedVelocity(type, target, noisy, levels),
      ] as const;
      const wanted = velocity(sample, noise, levels);
      await expectClose(backs[0], sample, 1e-5); // the division by a small scale loses digits
      await expectClose(backs[1], noise, 1e-4);
      await expectClose(backs[2], wanted, 1e-4);
      tf.dispose([sample, noise, noisy, target, [...backs], wanted]);
      tf.dispose(levels);
    });

    it(`${type}: the factors agree with the tensors`, () => {
      const level = { signalScale: 0.6, noiseScale: 0.8 };
      const noisy = 0.6 * 2 + 0.8 * 3;
      const prediction = { epsilon: 3, sample: 2, v_prediction: 0.6 * 3 - 0.8 * 2 }[type];
      const factors = predictionFactors(type, level);
      expect(
        factors.sampleFromNoisy * noisy + factors.sampleFromPrediction * prediction,
      ).to.be.closeTo(2, 1e-14);
      expect(
        factors.noiseFromNoisy * noisy + factors.noiseFromPrediction * prediction,
      ).to.be.closeTo(3, 1e-14);
    });
  }
});
