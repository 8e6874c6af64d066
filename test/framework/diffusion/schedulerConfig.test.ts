import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { planSampling } from "../../../framework/diffusion/samplers/planSampling.ts";
import { schedulerClassNames } from "../../../framework/diffusion/schedulerClasses.ts";
import {
  readSchedulerConfig,
  retrainedScheduler,
  schedulerConfigJson,
  stableDiffusionSchedule,
  withSampler,
} from "../../../framework/diffusion/schedulerConfig.ts";

const dpm = (options: object): object => ({
  _class_name: "DPMSolverMultistepScheduler",
  ...options,
});

describe("readSchedulerConfig()", () => {
  it("reads a published file with its class and options", () => {
    const file = "test/fixtures/stable-diffusion/tiny-sd-a/scheduler/scheduler_config.json";
    expect(readSchedulerConfig(JSON.parse(readFileSync(file, "utf8")))).to.deep.equal({
      ...stableDiffusionSchedule,
      _class_name: "PNDMScheduler",
      skip_prk_steps: true,
    });
  });

  it("ignores options that only other classes have, and keys that ask for nothing", () => {
    const foreign = { skip_prk_steps: true, use_karras_sigmas: true, solver_order: 3 };
    const neutral = { flow_shift: 1, timestep_type: "discrete", use_flow_sigmas: false };
    const read = readSchedulerConfig({ ...stableDiffusionSchedule, ...foreign, ...neutral });
    expect(read).to.deep.equal(stableDiffusionSchedule);
  });

  const defaults = [
    { _class_name: "EulerDiscreteScheduler", timestep_spacing: "linspace", clip_sample: false },
    { _class_name: "PNDMScheduler", timestep_spacing: "leading", set_alpha_to_one: false },
    { _class_name: "DDPMScheduler", timestep_spacing: "leading", clip_sample: true },
    { _class_name: "HeunDiscreteScheduler", beta_start: 0.00085, beta_schedule: "linear" },
    { _class_name: "LCMScheduler", beta_end: 0.012, beta_schedule: "scaled_linear" },
  ];
  for (const { _class_name, ...expected } of defaults) {
    it(`takes for absent keys what ${_class_name} does`, () => {
      expect(readSchedulerConfig({ _class_name })).to.deep.include(expected);
    });
  }

  it("reads back what it writes", () => {
    const config = { ...stableDiffusionSchedule, prediction_type: "v_prediction" } as const;
    expect(readSchedulerConfig(schedulerConfigJson(config))).to.deep.equal(config);
  });

  it("takes the published defaults for absent keys", () => {
    expect(readSchedulerConfig({})).to.deep.include({
      beta_start: 0.0001,
      beta_end: 0.02,
      beta_schedule: "linear",
      clip_sample: true,
      set_alpha_to_one: true,
      steps_offset: 0,
    });
  });

  const wrong: readonly [config: object, message: string][] = [
    [{ prediction_type: "flow" }, 'key "prediction_type": expected "epsilon" or "v_prediction"'],
    [{ num_train_timesteps: 0.5 }, "expected an integer from 1"],
    [{ beta_end: 1 }, 'key "beta_end"'],
    [{ clip_sample: "no" }, "expected true or false"],
    [{ trained_betas: [0.1] }, "anything else is not supported"],
    [{ _class_name: "KDPM2DiscreteScheduler" }, 'or "LCMScheduler", got "KDPM2DiscreteScheduler"'],
    [{ use_beta_sigmas: true }, 'key "use_beta_sigmas": expected null or false'],
    [{ timestep_type: "continuous" }, 'key "timestep_type": expected null or discrete'],
    [dpm({ algorithm_type: "dpmsolver" }), 'needs final_sigmas_type "sigma_min"'],
    [dpm({ algorithm_type: "sde-dpmsolver++", solver_order: 3 }), "solver_order 3"],
    [dpm({ solver_order: 4 }), 'key "solver_order": expected an integer from 1 to 3'],
    [dpm({ lambda_min_clipped: -5, timestep_spacing: "trailing" }), "lambda_min_clipped needs"],
    [dpm({ use_karras_sigmas: true, use_exponential_sigmas: true }), "exclude each other"],
    [{ _class_name: "UniPCMultistepScheduler", lower_order_final: false }, "sigma_min"],
    [{ _class_name: "PNDMScheduler", prediction_type: "sample" }, "PNDMScheduler needs"],
    [{ rescale_betas_zero_snr: true }, "needs prediction_type v_prediction or sample"],
  ];
  for (const [config, message] of wrong) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      expect(() => readSchedulerConfig(config, "x.json")).to.throw(InputError, message);
      expect(() => readSchedulerConfig(config, "x.json")).to.throw(InputError, "x.json");
    });
  }
});

describe("withSampler()", () => {
  it("keeps the training process, and drops what the other class does not have", () => {
    const config = readSchedulerConfig({
      ...stableDiffusionSchedule,
      _class_name: "PNDMScheduler",
      skip_prk_steps: true,
    });
    expect(withSampler(config, "DDIMScheduler")).to.deep.equal(stableDiffusionSchedule);
  });
});

describe("retrainedScheduler()", () => {
  it("changes what is asked for, and begins in pure noise where there is any", () => {
    expect(retrainedScheduler(stableDiffusionSchedule, {})).to.deep.equal(stableDiffusionSchedule);
    const retraining = { predictionType: "v_prediction", zeroTerminalSnr: true } as const;
    const expected = {
      ...stableDiffusionSchedule,
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
    };
    const retrained = retrainedScheduler(stableDiffusionSchedule, retraining);
    expect(retrained).to.deep.equal(expected);
    expect(retrainedScheduler(retrained, { zeroTerminalSnr: false })).to.deep.equal({
      ...expected,
      rescale_betas_zero_snr: false,
    });
  });

  for (const name of schedulerClassNames) {
    const isReplaced = ["PNDMScheduler", "HeunDiscreteScheduler", "LMSDiscreteScheduler"].includes(
      name,
    );
    it(`lets ${name} begin in pure noise${isReplaced ? ", as DDIM" : ""}`, () => {
      const config = withSampler(stableDiffusionSchedule, name);
      const retraining = { predictionType: "v_prediction", zeroTerminalSnr: true } as const;
      const retrained = retrainedScheduler(config, retraining);
      expect(retrained._class_name).to.equal(isReplaced ? "DDIMScheduler" : name);
      expect(retrained).to.include({ rescale_betas_zero_snr: true, clip_sample: false });
      expect(planSampling(retrained, { steps: 4 }).calls[0]!.timestep).to.equal(999);
      const kept = retrainedScheduler(config, { predictionType: "v_prediction" });
      expect(kept._class_name).to.equal(name);
    });
  }

  it("refuses noise as what is predicted from pure noise", () => {
    expect(() => retrainedScheduler(stableDiffusionSchedule, { zeroTerminalSnr: true })).to.throw(
      InputError,
      "rescale_betas_zero_snr needs prediction_type",
    );
  });
});
