import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { kernelNames } from "../../../../framework/nn/ops/index.ts";

describe("kernelNames", () => {
  for (const name of kernelNames.filter((kernel) => !kernel.endsWith("Gradient"))) {
    it(`${name} has a gradient`, () => {
      expect(tf.getGradient(name)?.kernelName).to.equal(name);
    });
  }
});
