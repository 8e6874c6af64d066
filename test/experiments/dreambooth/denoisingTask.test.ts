import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  hostTensor,
  InputError,
  RandomStream,
  stableDiffusionSchedule,
  toTensors,
  withSampler,
  type HostBatch,
} from "seedbed";

import {
  denoisingTask,
  trainedScheduler,
  warnOfScheduler,
} from "../../../experiments/dreambooth/denoisingTask.ts";
import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

async function settings(...overrides: string[]) {
  return settingsOf((await loadExperimentSpec("configs/dreambooth.yaml", overrides)).spec);
}

describe("denoisingTask()", () => {
  /** Two timesteps: of the sample remain 0.9 and 0.9 * 0.5, so SNRs are 9 and 9 / 11. */
  const config = {
    ...stableDiffusionSchedule,
    num_train_timesteps: 2,
    beta_schedule: "linear",
    beta_start: 0.1,
    beta_end: 0.5,
  } as const;
  const latents = hostTensor(new Float32Array(4), [4, 1, 1, 1]);
  const noise = hostTensor(Float32Array.of(2, 1, 3, 4), [4, 1, 1, 1]);

  /** DreamBooth's losses of a network that predicts 0, for two subject and two class examples. */
  async function lossOf(prepared: HostBatch, task: ReturnType<typeof denoisingTask>) {
    const batch = toTensors({ ...prepared, noise });
    const output = tf.tidy(() => ({
      ...dreamboothLoss(task.losses(batch, (noisy) => tf.zerosLike(noisy)).loss, 2, 0.5),
    }));
    const numbers = await Promise.all(
      Object.entries(output).map(async ([name, value]) => [name, (await value.data())[0]]),
    );
    tf.dispose([batch, output]);
    return Object.fromEntries(numbers);
  }

  it("weights every example, the class's too, by min-SNR at its own timestep", async () => {
    const task = denoisingTask(config, await settings("loss.minSnrGamma=5"));
    const prepared = task.prepare({ latents }, new RandomStream(4, "train"));
    expect([...prepared["timesteps"]!.values]).to.deep.equal([1, 0, 0, 1]);
    // Weights min(SNR, 5) / SNR: 1, 5/9, 5/9, 1. Squared errors: 4, 1, 9, 16.
    const found = await lossOf(prepared, task);
    expect(found.lossInstance).to.be.closeTo((4 + 5 / 9) / 2, 1e-6);
    expect(found.lossPrior).to.be.closeTo((5 + 16) / 2, 1e-5);
    expect(found.loss).to.be.closeTo((4 + 5 / 9) / 2 + 0.5 * 10.5, 1e-5);
  });

  it("is what `loss` asks for", async () => {
    const asked = await settings(
      "loss.type=huber",
      "loss.huberDelta=0.5",
      "loss.huberSchedule=exponential",
      "loss.elboWeight=1",
      "loss.offsetNoise=10",
    );
    const task = denoisingTask(config, asked);
    const prepared = task.prepare({ latents }, new RandomStream(4, "train"));
    expect([...prepared["huberDelta"]!.values]).to.deep.equal(
      [Math.SQRT1_2, 1, 1, Math.SQRT1_2].map(Math.fround),
    );
    // Of timestep 1, which 0 shares: 1 + 0.5 / (2 * 0.5 * (1 - 0.9)).
    for (const weight of prepared["lossWeight"]!.values) expect(weight).to.be.closeTo(6, 1e-5);
    expect(Math.max(...prepared["noise"]!.values.map(Math.abs))).to.be.above(5);
  });
});

describe("trainedScheduler()", () => {
  it("says what the UNet learns to predict", async () => {
    const asked = await settings("loss.predictionType=v_prediction");
    expect(trainedScheduler(stableDiffusionSchedule, asked)).to.deep.equal({
      ...stableDiffusionSchedule,
      prediction_type: "v_prediction",
    });
    expect(trainedScheduler(stableDiffusionSchedule, await settings())).to.equal(
      stableDiffusionSchedule,
    );
  });

  it("turns zero terminal SNR on, with the timesteps that begin there, and off", async () => {
    const v = { ...stableDiffusionSchedule, prediction_type: "v_prediction" } as const;
    const zero = trainedScheduler(v, await settings("loss.zeroTerminalSnr=true"));
    expect(zero).to.deep.equal({
      ...v,
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
    });
    const back = trainedScheduler(zero, await settings("loss.zeroTerminalSnr=false"));
    expect(back).to.deep.equal({ ...zero, rescale_betas_zero_snr: false });
  });

  it("refuses noise as what is predicted from pure noise, naming both keys", async () => {
    const asked = await settings("loss.predictionType=epsilon");
    const scheduler = {
      ...stableDiffusionSchedule,
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
    } as const;
    expect(() => trainedScheduler(scheduler, asked)).to.throw(
      InputError,
      /loss\.predictionType epsilon and .* together with model\.folder models\/emoji-64.*rescale_betas_zero_snr/,
    );
  });
});

describe("warnOfScheduler()", () => {
  it("tells of a class that the trained model does not keep", async () => {
    const given = withSampler(
      { ...stableDiffusionSchedule, prediction_type: "v_prediction" },
      "PNDMScheduler",
    );
    const warned: string[] = [];
    const look = async (override: string): Promise<void> =>
      warnOfScheduler(given, trainedScheduler(given, await settings(override)), (line) =>
        warned.push(line),
      );
    await look("loss.zeroTerminalSnr=false");
    expect(warned).to.deep.equal([]);
    await look("loss.zeroTerminalSnr=true");
    expect(warned).to.deep.equal([
      "The trained model's scheduler is DDIMScheduler, since PNDMScheduler cannot begin in pure noise as loss.zeroTerminalSnr asks for",
    ]);
  });
});
