import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { runEagerly } from "../../../framework/base/compile.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import { createSampler } from "../../../framework/diffusion/samplers/createSampler.ts";
import { planSampling } from "../../../framework/diffusion/samplers/planSampling.ts";
import { latentsLevel } from "../../../framework/diffusion/samplers/samplerPlan.ts";
import {
  readSchedulerConfig,
  type SchedulerConfig,
} from "../../../framework/diffusion/schedulerConfig.ts";
import { finalSigma } from "../../../framework/diffusion/sigmas.ts";
import { expectNear, rowOf, type FixtureSet } from "../fixtureSet.ts";
import type { SamplerVariant } from "../manifest.ts";
import type { ParityCheck, ParityTest } from "../parityCheck.ts";
import { scheduleTests } from "./schedules.ts";
import { watchingStates } from "./watchingStates.ts";

/** Every sampler with its options, and the schedules of noise and timesteps behind them. */
export const samplers: ParityCheck = {
  title: "samplers",
  files: ["schedulers"],
  tests: (set) => [
    ...scheduleTests(set),
    ...Object.entries(set.manifest.schedulers ?? {}).flatMap(([name, variant]): ParityTest[] => [
      { title: `steps as published: ${name}`, run: () => compareRun(set, name, variant) },
      { title: `plans as published: ${name}`, run: () => comparePlan(set, name, variant) },
    ]),
  ],
};

/** Arrays of a run, one entry for each call of the network. */
interface Run {
  readonly samples: Float32Array[];
  /** What the network saw. */
  readonly scaled_inputs: Float32Array[];
  readonly timesteps: number[];
  /** The clean samples that it stands for. */
  readonly pred_original_sample: Float32Array[];
}

/** Lets a network that answers with what was recorded go through a run. */
async function runVariant(set: FixtureSet, name: string, variant: SamplerVariant): Promise<Run> {
  const golden = set.golden("schedulers");
  const run: Run = { samples: [], scaled_inputs: [], timesteps: [], pred_original_sample: [] };
  const sampler = createSampler({
    compile: watchingStates(runEagerly, ({ state, sample }) => {
      run.samples.push(state.slice(0, sample.length));
      run.pred_original_sample.push(sample);
    }),
    predict(latents, timesteps) {
      const call = run.scaled_inputs.push(Float32Array.from(latents.dataSync())) - 1;
      run.timesteps.push(...timesteps.dataSync());
      const { values } = rowOf(golden.host("model_outputs"), call);
      return tf.tensor4d(values, latents.shape);
    },
    config: configOf(variant),
  });
  const result = await sampler.sample({
    latents: golden.host("init_noise"),
    conditional: tf.zeros<tf.Rank.R3>([1, 1, 1]),
    steps: variant.num_inference_steps,
    eta: variant.step_kwargs.eta ?? 0,
    stepNoise: (call) => rowOf(golden.host("variance_noise"), call),
  });
  const last = rowOf(golden.host(`${name}.samples`), variant.n_calls);
  expectNear("the result", result.dataSync(), last);
  sampler.dispose();
  return run;
}

function configOf({ class: className, config }: SamplerVariant): SchedulerConfig {
  return readSchedulerConfig({ _class_name: className, ...config });
}

async function compareRun(set: FixtureSet, name: string, variant: SamplerVariant): Promise<void> {
  const golden = set.golden("schedulers");
  const { timesteps, ...arrays } = await runVariant(set, name, variant);
  expect(timesteps).to.have.length(variant.n_calls);
  expectNear("timesteps", timesteps, golden.host(`${name}.timesteps`), 1e-7);
  for (const [array, calls] of Object.entries(arrays)) {
    if (!golden.has(`${name}.${array}`)) continue;
    const published = golden.host(`${name}.${array}`);
    const first = published.shape[0]! - calls.length; // samples begin with the start
    for (const [call, values] of calls.entries()) {
      expectNear(`${array} of call ${call}`, values, rowOf(published, first + call));
    }
  }
}

function comparePlan(set: FixtureSet, name: string, variant: SamplerVariant): void {
  const golden = set.golden("schedulers");
  const config = configOf(variant);
  const { num_inference_steps: steps, step_kwargs: kwargs, init_noise_sigma: start } = variant;
  const plan = planSampling(config, { steps, ...kwargs });
  expect(plan.startScale).to.be.closeTo(start, 1e-6 * start);
  const begin = golden.host("init_noise").values.map((value) => value * plan.startScale);
  expectNear("the start", begin, rowOf(golden.host(`${name}.samples`), 0));
  if (!golden.has(`${name}.sigmas`)) return;
  const sigmas = plan.calls.map((call) => {
    const { signalScale, noiseScale } = latentsLevel(call);
    return noiseScale / signalScale;
  });
  const end = finalSigma(config, createNoiseSchedule(config));
  expectNear("sigmas", [...sigmas, end], golden.host(`${name}.sigmas`), 1e-6);
}
