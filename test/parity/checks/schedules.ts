import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { toTensor } from "../../../framework/base/hostTensor.ts";
import { addNoise, noiseLevels, velocity } from "../../../framework/diffusion/forwardProcess.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import {
  readSchedulerConfig,
  stableDiffusionSchedule,
} from "../../../framework/diffusion/schedulerConfig.ts";
import { signalToNoise } from "../../../framework/diffusion/signalToNoise.ts";
import { timestepTable } from "../../../framework/diffusion/timestepTable.ts";
import { hostOf, expectClose, type FixtureSet } from "../fixtureSet.ts";
import type { ParityTest } from "../parityCheck.ts";

/** The training process, and which timesteps are visited. */
export function scheduleTests(set: FixtureSet): ParityTest[] {
  const names = Object.keys(set.manifest.files["schedulers"]!);
  const like = (pattern: RegExp): RegExpExecArray[] =>
    names.map((name) => pattern.exec(name)).filter((match) => match !== null);
  return [
    ...like(/^alphas_cumprod\.(.+)$/).map(([array, name]) => ({
      title: `have the published alphas: ${name}`,
      run: () => compareAlphas(set, array, name!),
    })),
    ...like(/^timesteps\.ddim_(\w+)_(\d+)$/).map(([array, spacing, steps]) => ({
      title: `visit the published timesteps: ${spacing}, ${steps} steps`,
      run: () => compareTimesteps(set, array, spacing!, Number(steps)),
    })),
    ...(names.includes("snr")
      ? [{ title: "have the published signal-to-noise ratios", run: () => compareRatios(set) }]
      : []),
    ...(names.includes("add_noise.output")
      ? [{ title: "add noise as published", run: () => compareNoise(set) }]
      : []),
  ];
}

/** @param name of the schedule of betas, perhaps with `_zero_snr` behind it */
function compareAlphas(set: FixtureSet, array: string, name: string): void {
  const suffix = "_zero_snr";
  const rescaled = name.endsWith(suffix);
  const config = readSchedulerConfig({
    ...stableDiffusionSchedule,
    beta_schedule: rescaled ? name.slice(0, -suffix.length) : name,
    rescale_betas_zero_snr: rescaled,
    prediction_type: "v_prediction", // others have no use for such a schedule
  });
  const { alphasCumprod } = createNoiseSchedule(config);
  const { values } = set.golden("schedulers").host(array);
  // Equal, but where products of roots were rounded once more.
  const tolerance = rescaled ? 4.8e-7 : 0;
  expect(alphasCumprod.length).to.equal(values.length);
  values.forEach((alpha, t) => {
    expect(alphasCumprod[t], `timestep ${t}`).to.be.closeTo(
      alpha,
      tolerance * alpha + tolerance / 50,
    );
  });
}

function compareTimesteps(set: FixtureSet, array: string, spacing: string, steps: number): void {
  const config = { ...stableDiffusionSchedule, timestep_spacing: spacing };
  const table = timestepTable({
    steps,
    trainTimesteps: 1000,
    spacing: readSchedulerConfig(config).timestep_spacing,
    offset: spacing === "leading" ? 1 : 0,
  });
  expect(table).to.deep.equal([...set.golden("schedulers").host(array).values]);
}

function compareRatios(set: FixtureSet): void {
  const schedule = createNoiseSchedule(stableDiffusionSchedule);
  // 1 - alpha loses up to ten binary digits in float32 where alpha is near 1.
  set
    .golden("schedulers")
    .host("snr")
    .values.forEach((snr, t) => {
      expect(signalToNoise(schedule, t), `timestep ${t}`).to.be.closeTo(snr, 7e-5 * snr);
    });
}

async function compareNoise(set: FixtureSet): Promise<void> {
  const golden = set.golden("schedulers");
  const timesteps = Int32Array.from(golden.host("add_noise.timesteps").values);
  const host = noiseLevels(createNoiseSchedule(stableDiffusionSchedule), timesteps);
  const levels = { signalScale: toTensor(host.signalScale), noiseScale: toTensor(host.noiseScale) };
  const [sample, noise] = [golden.tensor("add_noise.original"), golden.tensor("add_noise.noise")];
  const made: Record<string, tf.Tensor> = {
    "add_noise.output": addNoise(sample, noise, levels),
    "velocity.output": velocity(sample, noise, levels),
  };
  for (const [name, tensor] of Object.entries(made)) {
    expectClose(name, await hostOf(tensor), golden.host(name), 2e-6); // of values up to 4
  }
}
