import { expect } from "chai";
import { describe, it } from "mocha";

import { defaultLossScaleOptions } from "../../../framework/optim/lossScale.ts";
import { LossScaling } from "../../../framework/training/lossScaling.ts";

describe("LossScaling", () => {
  it("halves at a step that is skipped, and counts it", () => {
    const scaling = new LossScaling(defaultLossScaleOptions);
    const seen = [true, false, false, true].map((finite, before) => {
      scaling.update({ finite, before, steps: 1 });
      return [scaling.scale, scaling.hasSkipped, scaling.skippedSteps()];
    });
    expect(seen).to.deep.equal([
      [65536, false, 0],
      [32768, true, 1],
      [16384, true, 2],
      [16384, false, 2],
    ]);
  });

  it("knows how many steps were skipped after a step", () => {
    const scaling = new LossScaling(defaultLossScaleOptions);
    for (const before of [2, 6, 8]) scaling.update({ finite: false, before, steps: 1 });
    expect([0, 2, 3, 7, 9].map((step) => scaling.skippedSteps(step))).to.deep.equal([
      3, 3, 2, 1, 0,
    ]);
  });

  it("counts as many steps as optimizers were to step", () => {
    const scaling = new LossScaling(defaultLossScaleOptions);
    scaling.update({ finite: false, before: 4, steps: 2 });
    expect(scaling.state()).to.deep.equal({ scale: 32768, finiteSteps: 0, skippedAt: [5, 6] });
  });

  it("goes on from its state", () => {
    const scaling = new LossScaling({ ...defaultLossScaleOptions, growthInterval: 2 });
    scaling.update({ finite: false, before: 0, steps: 1 });
    scaling.update({ finite: true, before: 1, steps: 1 });
    const resumed = new LossScaling({ ...defaultLossScaleOptions, growthInterval: 2 });
    resumed.restore(scaling.state());
    resumed.update({ finite: true, before: 2, steps: 1 });
    expect(resumed.state()).to.deep.equal({ scale: 65536, finiteSteps: 0, skippedAt: [1] });
  });

  it("gives up when gradients are not finite at any scale", () => {
    const scaling = new LossScaling(defaultLossScaleOptions);
    const skip = (before: number): void => scaling.update({ finite: false, before, steps: 1 });
    for (let step = 0; step < 29; step++) skip(step);
    expect(() => skip(29)).to.throw(
      RangeError,
      "Cannot go on after step 29: expected finite gradients at a loss scale of 0.0001220703125; lower the learning rate, look at the data, or set trainer.precision to bf16-mixed",
    );
  });

  it("says so, and goes back to an earlier scale, where the fit may", () => {
    const scaling = new LossScaling(defaultLossScaleOptions, true);
    for (let step = 0; step < 29; step++) scaling.update({ finite: false, before: step, steps: 1 });
    expect(scaling.isExhausted).to.equal(false);
    scaling.update({ finite: false, before: 29, steps: 1 });
    expect(scaling.isExhausted).to.equal(true);
    scaling.goBack({ scale: 1024, finiteSteps: 3 });
    expect([scaling.isExhausted, scaling.hasSkipped, scaling.scale]).to.deep.equal([
      false,
      false,
      1024,
    ]);
    expect(scaling.skippedSteps()).to.equal(30);
  });
});
