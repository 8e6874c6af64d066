import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { createSampler } from "../../../framework/diffusion/samplers/createSampler.ts";
import { withSampler } from "../../../framework/diffusion/schedulerConfig.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
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

    function contextOf(prompt: string): tf.Tensor3D {
      const { model } = components.textEncoder;
      const ids = components.tokenizer.encode(prompt, {
        padTo: model.config.max_position_embeddings,
      });
      return tf.tidy(() =>
        model
          .encode(tf.tensor(Int32Array.from(ids), [1, ids.length], "int32"))
          .as3D(1, ids.length, model.config.hidden_size),
      );
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
        const conditional = contextOf(manifest.sampling.prompt);
        const unconditional = contextOf(settings.negative_prompt);
        const latents = await made.sample({
          latents: golden.tensor("init_latents"),
          conditional,
          unconditional,
          guidanceScale: settings.guidance_scale,
          guidanceRescale: settings.guidance_rescale,
          steps: manifest.sampling.steps,
        });
        const published = golden.tensor(`pipeline.${name}.latents`);
        const largest = Math.max(...published.values.map(Math.abs));
        const tolerance = manifest.tolerance["sampling.ddim10.final_latents"]! * 10;
        expect(latents.shape).to.deep.equal([...published.shape]);
        expectNear(latents.dataSync(), published, "latents", tolerance / largest);
        made.dispose();
        tf.dispose([conditional, unconditional, latents]);
      });
    }
  });
}
