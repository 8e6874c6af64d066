import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, toTensors, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { createDenoising, type DenoisingOptions } from "../../../framework/diffusion/denoising.ts";
import { elboWeights } from "../../../framework/diffusion/elboWeights.ts";
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

  /** Losses of a network that always predicts 0, whose batch has these entries instead. */
  async function lossesOf(options: Partial<DenoisingOptions>, entries: HostBatch) {
    const task = createDenoising({ config: stableDiffusionSchedule, ...options });
    const prepared = task.prepare({ latents }, new RandomStream(2, "train"));
    const batch = toTensors({ ...prepared, ...entries });
    const { loss, noiseError } = tf.tidy(() => ({
      ...task.losses(batch, (noisy) => tf.zerosLike(noisy)),
    }));
    const values = [...(await loss.data())];
    tf.dispose([batch, loss, noiseError]);
    return values;
  }

  const noise = hostTensor(
    Float32Array.of(...[1, 1, 1, 1, 0, 0, 0, 0], ...[2, 0, 0, 0, 0, 0, 0, 2], ...Array(8).fill(3)),
    [3, 2, 2, 2],
  );

  it("takes the loss that it is told to", async () => {
    expect(await lossesOf({}, { noise })).to.deep.equal([0.5, 1, 9]);
    expect(await lossesOf({ lossType: "l1" }, { noise })).to.deep.equal([0.5, 0.5, 3]);
    // PyTorch's huber_loss with delta 1: d²/2 up to 1, then |d| - 1/2
    expect(await lossesOf({ lossType: "huber", huberDelta: 1 }, { noise })).to.deep.equal([
      0.25, 0.375, 2.5,
    ]);
  });

  it("gives each example the Huber delta of its own timestep", () => {
    const task = createDenoising({
      config: stableDiffusionSchedule,
      lossType: "pseudoHuber",
      huberDelta: 0.1,
      huberSchedule: "exponential",
    });
    const prepared = task.prepare({ latents }, new RandomStream(2, "train"));
    expect(prepared["huberDelta"]!.shape).to.deep.equal([3, 1, 1, 1]);
    prepared["timesteps"]!.values.forEach((timestep, i) => {
      const expected = 0.1 ** (timestep / 1000);
      expect(prepared["huberDelta"]!.values[i]).to.be.closeTo(expected, 1e-6);
    });
  });

  it("weights places by a mask, the same in all channels", async () => {
    const mask = hostTensor(
      Float32Array.of(...[2, 2, 0, 0], ...[4, 0, 0, 0], ...[1, 1, 1, 1]),
      [3, 1, 2, 2],
    );
    expect(await lossesOf({}, { noise, mask })).to.deep.equal([0.5, 2, 9]);
  });

  it("adds the bound's weight to that of min-SNR", () => {
    const stream = () => new RandomStream(2, "train");
    const config = stableDiffusionSchedule;
    const plain = createDenoising({ config, minSnrGamma: 5 }).prepare({ latents }, stream());
    const both = createDenoising({ config, minSnrGamma: 5, elboWeight: 10 });
    const bound = elboWeights(config);
    const weights = both.prepare({ latents }, stream())["lossWeight"]!.values;
    plain["timesteps"]!.values.forEach((timestep, i) => {
      const expected = plain["lossWeight"]!.values[i]! + 10 * bound[timestep]!;
      expect(weights[i]).to.be.closeTo(expected, 1e-5);
    });
  });

  it("moves all noise of a channel of an example by one number, and changes nothing else", () => {
    const draw = (offsetNoise: number) =>
      createDenoising({ config: stableDiffusionSchedule, offsetNoise }).prepare(
        { latents },
        new RandomStream(5, "train"),
      );
    const { noise: plain, ...others } = draw(0);
    const { noise: moved, ...same } = draw(0.1);
    expect(same).to.deep.equal(others);
    const offsets = moved!.values.map((value, i) => value - plain!.values[i]!);
    for (let start = 0; start < offsets.length; start += 4) {
      for (const offset of offsets.subarray(start, start + 4)) {
        expect(offset).to.be.closeTo(offsets[start]!, 1e-6);
      }
    }
    expect(new Set(offsets.filter((_, i) => i % 4 === 0)).size).to.equal(6);
  });

  it("adds offsets of the deviation that it is told", () => {
    const many = hostTensor(new Float32Array(4000 * 4), [1000, 4, 2, 2]);
    const draw = (offsetNoise: number) =>
      createDenoising({ config: stableDiffusionSchedule, offsetNoise }).prepare(
        { latents: many },
        new RandomStream(5, "train"),
      )["noise"]!.values;
    const plain = draw(0);
    const squares = Array.from(draw(0.1), (value, i) => (value - plain[i]!) ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(Math.sqrt(mean)).to.be.closeTo(0.1, 0.004); // 4,000 offsets: 1.1 % of error
  });
});
