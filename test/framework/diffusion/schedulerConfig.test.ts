import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import {
  readSchedulerConfig,
  schedulerConfigJson,
  stableDiffusionSchedule,
} from "../../../framework/diffusion/schedulerConfig.ts";

describe("readSchedulerConfig()", () => {
  it("reads the training process from another sampler's file", () => {
    const file = "test/fixtures/stable-diffusion/tiny-sd-a/scheduler/scheduler_config.json";
    expect(readSchedulerConfig(JSON.parse(readFileSync(file, "utf8")))).to.deep.equal(
      stableDiffusionSchedule,
    );
  });

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
    [{ thresholding: true }, "anything else is not supported"],
    [{ rescale_betas_zero_snr: true }, "needs prediction_type v_prediction or sample"],
  ];
  for (const [config, message] of wrong) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      expect(() => readSchedulerConfig(config, "x.json")).to.throw(InputError, message);
      expect(() => readSchedulerConfig(config, "x.json")).to.throw(InputError, "x.json");
    });
  }
});
