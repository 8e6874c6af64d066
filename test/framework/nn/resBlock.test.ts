import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { resBlock } from "../../../framework/nn/resBlock.ts";
import { expectClose, wave } from "../../support/tensors.ts";

describe("resBlock()", () => {
  it("scales and shifts by the time what PyTorch does", async () => {
    const scope = new ParameterScope({ seed: null });
    const block = resBlock(scope, {
      inChannels: 4,
      outChannels: 4,
      groups: 2,
      epsilon: 1e-5,
      timeFeatures: 3,
      timeScaleShift: true,
    });
    const parts = ["norm1", "conv1", "time_emb_proj", "norm2", "conv2"];
    const names = parts.flatMap((part) => [`${part}.weight`, `${part}.bias`]);
    const values = names.map((name, i) => {
      const { shape } = scope.parameters.get(name)!;
      return [name, hostTensor(wave(shape, i), shape)] as const;
    });
    loadParameters(scope.parameters, new Map(values));
    const x = tf.tensor(wave([1, 4, 2, 2], 20), [1, 4, 2, 2]);
    const time = tf.tensor(wave([1, 3], 21), [1, 3]);
    const y = tf.tidy(() => block(x, time).flatten());
    // GroupNorm, Conv2d and Linear of PyTorch 2.13, as diffusers' `scale_shift` joins them.
    await expectClose(
      y,
      [
        -5.1428, -5.0123, 2.307, 5.6495, -7.2984, -7.8062, -0.1915, 4.5445, -6.4873, -6.5658, 0.554,
        4.4404, -7.009, -8.4783, -2.028, 2.594,
      ],
      1e-4,
    );
    tf.dispose([x, time, y, ...scope.parameters.values()]);
  });
});
