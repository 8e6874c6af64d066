import { expect } from "chai";
import { describe, it } from "mocha";

import {
  defaultLossScaleOptions,
  initialLossScale,
  nextLossScale,
} from "../../../framework/optim/lossScale.ts";

describe("nextLossScale()", () => {
  // torch.amp.GradScaler of PyTorch 2.13: get_scale() and the growth tracker after each update().
  it("follows PyTorch's GradScaler", () => {
    const options = { ...defaultLossScaleOptions, initialScale: 8, growthInterval: 3 };
    const finite = [true, true, true, true, false, true, true, true, false, false, true];
    let state = initialLossScale(options);
    const states = finite.map((each) => {
      state = nextLossScale(state, each, options);
      return [state.scale, state.finiteSteps];
    });
    expect(states).to.deep.equal([
      [8, 1],
      [8, 2],
      [16, 0],
      [16, 1],
      [8, 0],
      [8, 1],
      [8, 2],
      [16, 0],
      [8, 0],
      [4, 0],
      [4, 1],
    ]);
  });

  it("does not grow beyond float32", () => {
    const options = { ...defaultLossScaleOptions, growthInterval: 1 };
    const largest = { scale: 2 ** 127, finiteSteps: 0 };
    expect(nextLossScale(largest, true, options)).to.deep.equal(largest);
  });

  it("has PyTorch's defaults", () => {
    expect(initialLossScale(defaultLossScaleOptions)).to.deep.equal({
      scale: 65536,
      finiteSteps: 0,
    });
    let state = initialLossScale(defaultLossScaleOptions);
    for (let i = 0; i < 1999; i++) state = nextLossScale(state, true, defaultLossScaleOptions);
    expect(state.scale).to.equal(65536);
    expect(nextLossScale(state, true, defaultLossScaleOptions).scale).to.equal(131072);
  });
});
