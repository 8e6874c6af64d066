import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { reconstructionLosses } from "../../../experiments/autoencoder/reconstructionLosses.ts";

describe("reconstructionLosses", () => {
  const lossOf = (kind: keyof typeof reconstructionLosses): number =>
    tf.tidy(() => {
      const image = tf.tensor4d([1, 3, -2, 6], [1, 1, 2, 2]);
      return reconstructionLosses[kind](tf.zeros([1, 1, 2, 2]), image).dataSync()[0]!;
    });

  it("squared is the mean squared error", () => expect(lossOf("squared")).to.equal(12.5));

  it("detail adds the mean errors of pixels, and of differences across and down", () => {
    expect(lossOf("detail")).to.equal((1 + 3 + 2 + 6) / 4 + (2 + 8) / 2 + (3 + 3) / 2);
  });
});
