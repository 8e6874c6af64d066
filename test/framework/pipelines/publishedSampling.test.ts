import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { tensorToImages } from "../../../framework/data/imageTensors.ts";
import { createSampler } from "../../../framework/diffusion/samplers/createSampler.ts";
import { withSampler } from "../../../framework/diffusion/schedulerConfig.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { promptEncoder } from "../../../framework/pipelines/promptEncoder.ts";
import { expectNear, fixtures, goldenFolders, goldenOf } from "../diffusion/schedulerGolden.ts";

for (const folder of goldenFolders) {
  describe(`a pipeline of ${folder}`, () => {
    const golden = goldenOf(folder, "sampling");
    const { manifest } = golden;
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

    /** Context of the negative prompt and of the prompt. */
    async function contextsOf(negative: string, prompt: string): Promise<tf.Tensor3D[]> {
      const { model } = components.textEncoder;
      const { tokenizer } = components;
      const encoder = promptEncoder({ textEncoder: model, tokenizer, compile });
      const both = await encoder.encode([negative, prompt]);
      const contexts = tf.split<tf.Tensor3D>(both, 2);
      both.dispose();
      encoder.dispose();
      return contexts;
    }

    /** Bytes of the image that the latents stand for, by channel, row and column. */
    async function bytesOf(latents: tf.Tensor4D): Promise<number[]> {
      const { model } = components.vae;
      const image = tf.tidy(() => model.decode(model.unscaleLatents(latents)));
      const values = await image.data<"float32">();
      const [picture] = tensorToImages(hostTensor(values, image.shape));
      image.dispose();
      return [0, 1, 2].flatMap((channel) => [...picture!.data.filter((_, i) => i % 3 === channel)]);
    }

    const { negative_prompt, guidance_scale, dpmpp_2m_neg_rescale: rescaled } = manifest.sampling;
    const plain = { negative_prompt, guidance_scale, guidance_rescale: 0 };
    for (const { name, sampler, settings } of [
      { name: "ddim", sampler: "DDIMScheduler", settings: plain },
      { name: "pndm", sampler: "PNDMScheduler", settings: plain },
      { name: "euler", sampler: "EulerDiscreteScheduler", settings: plain },
      { name: "dpmpp_2m", sampler: "DPMSolverMultistepScheduler", settings: plain },
      {
        name: "dpmpp_2m_neg_rescale",
        sampler: "DPMSolverMultistepScheduler",
        settings: rescaled,
      },
    ] as const) {
      it(`makes the published latents with ${name}`, async () => {
        const { unet, scheduler } = components;
        const made = createSampler({
          compile,
          predict: (latents, timesteps, context) => unet.model.forward(latents, timesteps, context),
          config: withSampler(scheduler, sampler),
        });
        const [unconditional, conditional] = await contextsOf(
          settings.negative_prompt,
          manifest.sampling.prompt,
        );
        const latents = await made.sample({
          latents: golden.tensor("init_latents"),
          conditional: conditional!,
          unconditional: unconditional!,
          guidanceScale: settings.guidance_scale,
          guidanceRescale: settings.guidance_rescale,
          steps: manifest.sampling.steps,
        });
        const published = golden.tensor(`pipeline.${name}.latents`);
        const largest = Math.max(...published.values.map(Math.abs));
        const tolerance = manifest.tolerance["sampling.ddim10.final_latents"]! * 10;
        expect(latents.shape).to.deep.equal([...published.shape]);
        expectNear(latents.dataSync(), published, "latents", tolerance / largest);
        if (name === "ddim") {
          const bytes = await bytesOf(latents);
          const away = golden
            .tensor("image_uint8")
            .values.map((byte, i) => Math.abs(byte - bytes[i]!));
          expect(bytes.length).to.equal(away.length);
          expect(Math.max(...away), "levels of the picture").to.be.at.most(1);
        }
        made.dispose();
        tf.dispose([conditional!, unconditional!, latents]);
      });
    }
  });
}
