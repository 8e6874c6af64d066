import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import {
  describeSampler,
  samplerNames,
  withNamedSampler,
} from "../../../framework/diffusion/samplerNames.ts";
import { planSampling } from "../../../framework/diffusion/samplers/planSampling.ts";

/** Stable Diffusion 1.5's file, as it is published. */
const published = {
  _class_name: "PNDMScheduler",
  _diffusers_version: "0.6.0",
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

describe("withNamedSampler()", () => {
  for (const name of samplerNames) {
    it(`reads the published config for ${name}, which can be carried out`, () => {
      const config = withNamedSampler(published, name);
      expect(config).to.deep.include({ beta_end: 0.012, steps_offset: 1 });
      expect(planSampling(config, { steps: 10 }).calls.length).to.be.at.least(10);
    });
  }

  it("takes a sampler's own defaults for what the file does not say", () => {
    expect(withNamedSampler(published, "euler").timestep_spacing).to.equal("linspace");
    expect(withNamedSampler(published, "ddim").timestep_spacing).to.equal("leading");
  });

  it("takes webui's names, too", () => {
    const config = withNamedSampler(published, "DPM++ 2M SDE Karras");
    expect(config).to.deep.include({
      _class_name: "DPMSolverMultistepScheduler",
      algorithm_type: "sde-dpmsolver++",
      use_karras_sigmas: true,
    });
    expect(describeSampler(config)).to.deep.equal({ sampler: "DPM++ 2M SDE", schedule: "Karras" });
    expect(describeSampler(withNamedSampler(published, "Euler a"))).to.deep.equal({
      sampler: "Euler a",
      schedule: "Uniform",
    });
  });

  it("lists the names that it knows", () => {
    expect(() => withNamedSampler(published, "eular")).to.throw(
      InputError,
      'Cannot sample with "eular": expected one of ddim, ddpm, pndm, euler, euler-karras, euler-a',
    );
  });
});
