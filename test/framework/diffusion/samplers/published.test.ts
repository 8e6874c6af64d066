import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import type { Compile } from "../../../../framework/base/compile.ts";
import { createNoiseSchedule } from "../../../../framework/diffusion/noiseSchedule.ts";
import { createSampler } from "../../../../framework/diffusion/samplers/createSampler.ts";
import { planSampling } from "../../../../framework/diffusion/samplers/planSampling.ts";
import { latentsLevel } from "../../../../framework/diffusion/samplers/samplerPlan.ts";
import {
  readSchedulerConfig,
  type SchedulerConfig,
} from "../../../../framework/diffusion/schedulerConfig.ts";
import { finalSigma } from "../../../../framework/diffusion/sigmas.ts";
import {
  asTensor4d,
  expectNear,
  goldenFolders,
  goldenOf,
  row,
  type Golden,
  type SamplerVariant,
} from "../schedulerGolden.ts";

/** Arrays of a run, one row for each call of the network. */
interface Run {
  samples: Float32Array[];
  /** What the network saw. */
  inputs: Float32Array[];
  timesteps: number[];
  /** The clean samples that it stands for. */
  clean: Float32Array[];
}

/** Lets a network that answers with what was recorded go through a run. */
async function runVariant(golden: Golden, name: string, variant: SamplerVariant): Promise<Run> {
  const run: Run = { samples: [], inputs: [], timesteps: [], clean: [] };
  const compile: Compile = (fn) =>
    Object.assign(
      async (inputs: Parameters<typeof fn>[0]) => {
        const outputs = tf.tidy(() => fn(inputs));
        const latents = outputs["sample"]!.size;
        run.samples.push(Float32Array.from(outputs["state"]!.dataSync()).slice(0, latents));
        run.clean.push(Float32Array.from(outputs["sample"]!.dataSync()));
        return outputs;
      },
      { dispose() {} },
    );
  const sampler = createSampler({
    compile,
    predict(latents, timesteps) {
      run.inputs.push(Float32Array.from(latents.dataSync()));
      run.timesteps.push(...timesteps.dataSync());
      return asTensor4d(row(golden.tensor("model_outputs"), run.inputs.length - 1));
    },
    config: configOf(variant),
  });
  const conditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
  const result = await sampler.sample({
    latents: golden.tensor("init_noise"),
    conditional,
    steps: variant.num_inference_steps,
    eta: variant.step_kwargs.eta ?? 0,
    stepNoise: (call) => row(golden.tensor("variance_noise"), call),
  });
  expectNear(result.dataSync(), row(golden.tensor(`${name}.samples`), variant.n_calls), "result");
  sampler.dispose();
  tf.dispose([conditional, result]);
  return run;
}

function configOf({ class: className, config }: SamplerVariant): SchedulerConfig {
  return readSchedulerConfig({ _class_name: className, ...config });
}

for (const folder of goldenFolders) {
  const golden = goldenOf(folder, "schedulers");
  describe(`samplers, compared with what is published in ${folder},`, () => {
    for (const [name, variant] of Object.entries(golden.manifest.schedulers)) {
      it(`agree on ${name} (${variant.class})`, async () => {
        const run = await runVariant(golden, name, variant);
        const rows = (array: string, actual: Float32Array[], first = 0): void => {
          if (!golden.names.includes(`${name}.${array}`)) return;
          for (const [call, values] of actual.entries()) {
            const expected = row(golden.tensor(`${name}.${array}`), first + call);
            expectNear(values, expected, `${array} of call ${call}`);
          }
        };
        expect(run.inputs).to.have.length(variant.n_calls);
        expectNear(run.timesteps, golden.tensor(`${name}.timesteps`), "timesteps", 1e-7);
        rows("samples", run.samples, 1);
        rows("scaled_inputs", run.inputs);
        rows("pred_original_sample", run.clean);
      });

      it(`have the sigmas and the start of ${name}`, () => {
        const config = configOf(variant);
        const { num_inference_steps: steps, step_kwargs: kwargs } = variant;
        const plan = planSampling(config, { steps, ...kwargs });
        const start = variant.init_noise_sigma;
        expect(plan.startScale).to.be.closeTo(start, 1e-6 * start);
        if (!golden.names.includes(`${name}.sigmas`)) return;
        const sigmas = plan.calls.map((call) => {
          const { signalScale, noiseScale } = latentsLevel(call);
          return noiseScale / signalScale;
        });
        const end = finalSigma(config, createNoiseSchedule(config));
        expectNear([...sigmas, end], golden.tensor(`${name}.sigmas`), "sigmas", 1e-6);
      });
    }
  });
}
