import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { ParameterScope } from "../../../framework/nn/parameterScope.ts";
import { textTimeEmbedding } from "../../../framework/nn/textTimeEmbedding.ts";
import { expectClose, wave } from "../../support/tensors.ts";

/** In the order in which they start their waves. */
const names = [
  "norm1.weight",
  "norm1.bias",
  "pool.positional_embedding",
  "pool.q_proj.weight",
  "pool.q_proj.bias",
  "pool.k_proj.weight",
  "pool.k_proj.bias",
  "pool.v_proj.weight",
  "pool.v_proj.bias",
  "proj.weight",
  "proj.bias",
  "norm2.weight",
  "norm2.bias",
];

describe("textTimeEmbedding()", () => {
  it("gives what PyTorch computes from diffusers' parameters", async () => {
    const scope = new ParameterScope({ seed: null });
    const layer = textTimeEmbedding(scope, { contextFeatures: 4, timeFeatures: 6, heads: 2 });
    const values = names.map((name, i) => {
      const { shape } = scope.parameters.get(name)!;
      return [name, hostTensor(wave(shape, i), shape)] as const;
    });
    loadParameters(scope.parameters, new Map(values));
    const context = tf.tensor(wave([2, 3, 4], 20), [2, 3, 4]);
    const vector = tf.tidy(() => layer(context));
    // LayerNorm, Linear and scaled_dot_product_attention of PyTorch 2.13.
    await expectClose(
      vector,
      [
        [-1.2016, 1.0594, 0.5827, 0.3841, 1.9545, -0.1938],
        [-1.1399, 1.1225, 0.6031, 0.3819, 2.0309, -0.0151],
      ],
      1e-4,
    );
    tf.dispose([context, vector, ...scope.parameters.values()]);
  });
});
