import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, toTensors } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import {
  stableDiffusionSchedule,
  type PredictionType,
} from "../../../framework/diffusion/schedulerConfig.ts";

const latents = hostTensor(new RandomStream(1, "latents").normals(3 * 8), [3, 2, 2, 2]);

function denoising(prediction_type: PredictionType, minSnrGamma?: number) {
  return createDenoising({ config: { ...stableDiffusionSchedule, prediction_type }, minSnrGamma });
}

describe("createDenoising()", () => {
  it("draws the same noise and timesteps from the same stream", () => {
    const task = denoising("epsilon");
    const draw = (step: number) => task.prepare({ latents }, new RandomStream(5, "train", step));
    expect(draw(3)).to.deep.equal(draw(3));
    expect(draw(3)["noise"]).not.to.deep.equal(draw(4)["noise"]);
    expect(draw(3)["timesteps"]!.shape).to.deep.equal([3]);
  });

  it("mixes signal and noise so that their variances add up to 1", () => {
    const { signalScale, noiseScale } = denoising("epsilon").prepare(
      { latents },
      new RandomStream(5, "train"),
    );
    signalScale!.values.forEach((signal, i) => {
      expect(signal ** 2 + noiseScale!.values[i]! ** 2).to.be.closeTo(1, 1e-6);
    });
  });

  for (const type of ["epsilon", "v_prediction", "sample"] as const) {
    it(`loses nothing when the ${type} is predicted exactly`, async () => {
      const task = denoising(type, 5);
      const prepared = task.prepare({ latents }, new RandomStream(2, "train"));
      const batch = toTensors(prepared);
      const exact: Record<PredictionType, () => tf.Tensor> = {
        epsilon: () => batch["noise"]!.clone(),
        sample: () => batch["latents"]!.clone(),
        v_prediction: () =>
          batch["noise"]!.mul(batch["signalScale"]!).sub(
            batch["latents"]!.mul(batch["noiseScale"]!),
          ),
      };
      const { loss, noiseError } = tf.tidy(() => ({ ...task.losses(batch, exact[type]) }));
      for (const value of await loss.data()) expect(value).to.be.closeTo(0, 1e-10);
      for (const value of await noiseError.data()) expect(value).to.be.closeTo(0, 1e-8);
      tf.dispose([batch, loss, noiseError]);
    });
  }

  it("weights each example's mean squared error", async () => {
    const task = denoising("epsilon", 0.05);
    const batch = toTensors(task.prepare({ latents }, new RandomStream(2, "train")));
    const { loss, noiseError } = tf.tidy(() => ({
      ...task.losses(batch, (noisy) => tf.zerosLike(noisy)),
    }));
    const [losses, errors, weights] = await Promise.all([
      loss.data(),
      noiseError.data(),
      batch["lossWeight"]!.data(),
    ]);
    losses.forEach((value, i) => expect(value).to.be.closeTo(errors[i]! * weights[i]!, 1e-6));
    expect(Math.max(...weights), "min(SNR, 0.05) / SNR").to.be.at.most(1);
    expect(new Set(weights).size).to.be.greaterThan(1);
    tf.dispose([batch, loss, noiseError]);
  });
});
