import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import type { HostTensor } from "../../../framework/base/hostTensor.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { spatialAttention } from "../../../framework/nn/spatialAttention.ts";
import { wave } from "../../support/tensors.ts";

describe("spatialAttention()", () => {
  it("agrees with PyTorch's group_norm and scaled_dot_product_attention in two heads", () => {
    const scope = new ParameterScope({ seed: null });
    const layer = spatialAttention(scope, 4, { groups: 2, epsilon: 1e-5, heads: 2 });
    const starts = {
      to_q: [1, 5],
      to_k: [2, 6],
      to_v: [3, 7],
      "to_out.0": [4, 8],
      group_norm: [9, 10],
    };
    const tensors = new Map<string, HostTensor>();
    for (const [name, [weight, bias]] of Object.entries(starts)) {
      const shape = name === "group_norm" ? [4] : [4, 4];
      tensors.set(`${name}.weight`, { shape, values: wave(shape, weight!) });
      tensors.set(`${name}.bias`, { shape: [4], values: wave([4], bias!) });
    }
    loadParameters(scope.parameters, tensors);
    tf.tidy(() => {
      const x = tf.tensor(wave([2, 4, 2, 3], 0), [2, 4, 2, 3]);
      const y = [...layer(x).dataSync()];
      // PyTorch 2.13 in float64
      const expected = [-2.0459578578, -1.4063438555, -1.0321815732, -1.1324534716];
      for (const [i, value] of expected.entries()) expect(y[i]).to.be.closeTo(value, 1e-5);
      expect(y.at(-1)).to.be.closeTo(2.6662336573, 1e-5);
    });
    tf.dispose([...scope.parameters.values()]);
  });
});
