import * as tf from "@tensorflow/tfjs";

import type { Lora } from "../../../framework/adapters/lora.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { hostTensor, toTensors } from "../../../framework/base/hostTensor.ts";
import { addNoise, noiseLevels } from "../../../framework/diffusion/forwardProcess.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import type { PipelineComponents } from "../../../framework/pipelines/pipelineComponents.ts";
import { rowOf, type FixtureSet } from "../fixtureSet.ts";

const learningRate = 1e-3;

/** Trains the changes alone on the batches of the published training. Gives each step's loss. */
export async function loraTraining(
  set: FixtureSet,
  { unet, textEncoder, scheduler }: PipelineComponents,
  { parameters }: Lora,
  steps: number,
): Promise<number[]> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const golden = set.golden("train");
  const schedule = createNoiseSchedule(scheduler);
  const optimizer = adamW({ learningRate, epsilon: 1e-3, weightDecay: 0.01 });
  optimizer.initialize(parameters);
  const context = textEncoder.model.encode(golden.tensor("input_ids"));
  const step = compile(({ latents, noise, timesteps, signalScale, noiseScale, ...rest }) => {
    const { value, grads } = tf.variableGrads(() => {
      const levels = { signalScale: signalScale!, noiseScale: noiseScale! };
      const noisy = addNoise(latents!, noise!, levels);
      const errors = unet.model.forward(noisy, timesteps!, context).sub(noise!);
      const [instance, prior] = tf.split(errors.square(), 2);
      return instance!.mean().add(prior!.mean()).asScalar();
    }, [...parameters.values()]);
    const gradients = [...parameters].map(
      ([name, variable]) => [name, grads[variable.name]!] as const,
    );
    const numbers = Object.entries(rest).map(([name, each]) => [name, each.asScalar()]);
    optimizer.apply(new Map(gradients), Object.fromEntries(numbers));
    return { loss: value };
  });
  try {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) {
      const timesteps = Int32Array.from(rowOf(golden.host("timesteps"), i).values);
      const numbers = Object.entries(optimizer.hyperparameters(i + 1, learningRate));
      const { loss } = await step({
        ...toTensors({
          latents: golden.host("latents"),
          noise: rowOf(golden.host("noise"), i),
          timesteps: hostTensor(timesteps, [timesteps.length]),
          ...noiseLevels(schedule, timesteps),
        }),
        ...Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)])),
      });
      losses.push((await loss.data())[0]!);
    }
    return losses;
  } finally {
    step.dispose();
    optimizer.dispose();
  }
}
