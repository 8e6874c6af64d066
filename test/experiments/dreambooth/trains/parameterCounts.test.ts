import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { parameterCounts } from "../../../../experiments/dreambooth/trains/parameterCounts.ts";

describe("parameterCounts()", () => {
  it("counts what is trained and what is not, part by part", () => {
    const [three, four] = tf.tidy(() => [
      tf.variable(tf.zeros([3])),
      tf.variable(tf.zeros([2, 2])),
    ]);
    const module = {
      trainableParameters: () =>
        new Map([
          ["unet.conv_in.weight", four],
          ["unet.conv_in.bias", three],
          ["tokens.<x>", three],
        ]),
      frozenParameters: () =>
        new Map([
          ["unet.conv_out.bias", three],
          ["vae.quant_conv.weight", four],
        ]),
    };
    expect(parameterCounts(module)).to.deep.equal({
      "parameters.unet.trainable": 7,
      "parameters.unet.frozen": 3,
      "parameters.tokens.trainable": 3,
      "parameters.tokens.frozen": 0,
      "parameters.vae.trainable": 0,
      "parameters.vae.frozen": 4,
    });
    tf.dispose([three, four]);
  });
});
