import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { upsample } from "../../../framework/nn/resample.ts";

/** A row whose pixels are doubled, and a convolution behind that changes nothing. */
function doubled(row: number[], beside?: tf.Tensor): number[] {
  const scope = new ParameterScope({ seed: null });
  const layer = upsample(scope, 1);
  const values = tf.tidy(() => {
    const centre = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    scope.parameters.get("conv.weight")!.assign(tf.tensor(centre, [1, 1, 3, 3]));
    scope.parameters.get("conv.bias")!.assign(tf.zeros([1]));
    const result = layer(tf.tensor(row, [1, 1, 1, row.length]), beside);
    return [...result.slice([0, 0, 0, 0], [1, 1, 1, -1]).dataSync()];
  });
  tf.dispose([...scope.parameters.values()]);
  return values;
}

describe("upsample()", () => {
  it("repeats every pixel", () => {
    expect(doubled([1, 2, 3])).to.deep.equal([1, 1, 2, 2, 3, 3]);
  });

  it("gives PyTorch's F.interpolate(mode=nearest) for an odd size", () => {
    const beside = tf.zeros([1, 8, 1, 7]);
    // torch 2.13: interpolate(arange(4), size=(1, 7)) is 0 0 1 1 2 2 3
    expect(doubled([0, 1, 2, 3], beside)).to.deep.equal([0, 0, 1, 1, 2, 2, 3]);
    beside.dispose();
  });
});
