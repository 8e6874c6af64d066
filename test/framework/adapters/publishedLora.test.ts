import { createHash } from "node:crypto";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { addLoraLayers, type Lora } from "../../../framework/adapters/lora.ts";
import { readLora, readLoraLayers, writeLora } from "../../../framework/adapters/loraFile.ts";
import { mergeLora } from "../../../framework/adapters/loraMerge.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { hostTensor, toTensor } from "../../../framework/base/hostTensor.ts";
import { addNoise, noiseLevels } from "../../../framework/diffusion/forwardProcess.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  readParameters,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { readSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import {
  asTensor4d,
  fixtures,
  goldenFolders,
  goldenOf,
  row,
} from "../diffusion/schedulerGolden.ts";

for (const folder of goldenFolders) {
  describe(`the LoRA of ${folder}`, () => {
    const file = path.join(fixtures, folder, "lora/pytorch_lora_weights.safetensors");
    const golden = goldenOf(folder, "lora");
    const { lora_alpha: alpha, train } = golden.manifest.lora;
    const temporary = temporaryFolder();
    let compile: Compile;
    let components: PipelineComponents;
    before(async () => {
      ({ compile } = await useBackend("ort", { threads: 2 }));
      components = loadPipeline(path.join(fixtures, folder));
    });
    after(async () => {
      disposePipeline(components);
      await tf.setBackend("cpu");
    });

    const models = () => ({ unet: components.unet.model });

    /** Largest difference of the UNet's output from a published one. */
    function difference(name: string): number {
      return tf.tidy(() => {
        const output = components.unet.model.forward(
          toTensor(golden.tensor("sample")),
          toTensor(golden.tensor("timesteps")),
          toTensor(golden.tensor("encoder_hidden_states")),
        );
        return output
          .sub(toTensor(golden.tensor(name)))
          .abs()
          .max()
          .dataSync()[0]!;
      });
    }
    const tolerance = golden.manifest.tolerance["unet.output"]! * 10;

    it("gives the published output beside the layers, by its scale", () => {
      const lora = addLoraLayers(models(), readLora(file, { alpha }));
      expect(difference("output_scale_1.0")).to.be.below(tolerance);
      lora.setScale(0.5);
      expect(difference("output_scale_0.5")).to.be.below(tolerance);
      lora.dispose();
      expect(difference("output_scale_0.5")).to.be.above(100 * tolerance);
    });

    it("takes alpha to be the rank where nothing gives it", () => {
      const lora = addLoraLayers(models(), readLora(file)); // alpha 8 of rank 4 is twice as much
      expect(difference("output_scale_0.5")).to.be.below(tolerance);
      lora.dispose();
    });

    it("gives the published output merged, and unmerges to the bit", async () => {
      const before = await checksum(components.unet.model.parameters);
      const stored = readLora(file, { alpha });
      const merge = mergeLora(models());
      merge.merge(stored);
      expect(difference("output_scale_1.0")).to.be.below(tolerance);
      merge.merge(stored, 0.5);
      expect(difference("output_scale_0.5")).to.be.below(tolerance);
      merge.unmerge(stored);
      expect(await checksum(components.unet.model.parameters)).to.equal(before);
      merge.dispose();
    });

    it("is written with the published names and values, and with alpha", async () => {
      const lora = addLoraLayers(models(), readLora(file, { alpha }));
      const copy = temporary.path("copy.safetensors");
      writeLora(copy, await readLoraLayers(lora.layers));
      lora.dispose();
      expect(readSafetensors(copy)).to.deep.equal(readSafetensors(file));
      expect(readLora(copy)).to.deep.equal(readLora(file, { alpha }));
    });

    it("trains as published, and nothing else does", async () => {
      const before = await checksum(components.unet.model.parameters);
      const lora = addLoraLayers(models(), readLora(file, { alpha }));
      const losses = await trainSteps(lora);
      expect(losses).to.have.length(train.losses.length);
      losses.forEach((loss, i) => expect(loss).to.be.closeTo(train.losses[i]!, 1e-5));
      const trained = await readParameters(lora.parameters);
      const names = golden.names.filter((name) => name.startsWith("final."));
      expect(names).not.to.have.length(0);
      for (const name of names) {
        const { values } = trained.get(name.slice("final.".length))!;
        golden.tensor(name).values.forEach((value, i) => {
          expect(values[i], `${name} ${i}`).to.be.closeTo(value, 1e-5);
        });
      }
      expect(await checksum(components.unet.model.parameters)).to.equal(before);
      lora.dispose();
    });

    /** Five steps on the batches of the published training. */
    async function trainSteps({ parameters }: Lora): Promise<number[]> {
      const data = goldenOf(folder, "train");
      const schedule = createNoiseSchedule(components.scheduler);
      const optimizer = adamW({ learningRate: 1e-3, epsilon: 1e-3, weightDecay: 0.01 });
      optimizer.initialize(parameters);
      const context = tf.tidy(() =>
        components.textEncoder.model.encode(toTensor(data.tensor("input_ids"))),
      );
      const step = compile(({ latents, noise, timesteps, signal, spread, ...rest }) => {
        const levels = { signalScale: signal!, noiseScale: spread! };
        const { value, grads } = tf.variableGrads(() => {
          const noisy = addNoise(latents!, noise!, levels);
          const errors = components.unet.model.forward(noisy, timesteps!, context).sub(noise!);
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
      const losses: number[] = [];
      for (let i = 0; i < train.losses.length; i++) {
        const timesteps = Int32Array.from(row(data.tensor("timesteps"), i).values);
        const { signalScale, noiseScale } = noiseLevels(schedule, timesteps);
        const numbers = Object.entries(optimizer.hyperparameters(i + 1, 1e-3));
        const inputs = {
          latents: toTensor(data.tensor("latents")),
          noise: asTensor4d(row(data.tensor("noise"), i)),
          timesteps: toTensor(hostTensor(timesteps, [timesteps.length])),
          signal: toTensor(signalScale),
          spread: toTensor(noiseScale),
          ...Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)])),
        };
        const { loss } = await step(inputs);
        losses.push((await loss.data())[0]!);
        tf.dispose([inputs, loss]);
      }
      step.dispose();
      optimizer.dispose();
      context.dispose();
      return losses;
    }
  });
}

/** Of all values, to the bit. */
async function checksum(parameters: ReadonlyMap<string, tf.Variable>): Promise<string> {
  const hash = createHash("sha256");
  for (const { values } of (await readParameters(parameters)).values()) hash.update(values);
  return hash.digest("hex");
}
