import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";

/** The outputs as numbers. */
async function lossOf(losses: number[], subjects: number, priorWeight: number) {
  const output = tf.tidy(() => ({
    ...dreamboothLoss(tf.tensor1d(losses), subjects, priorWeight),
  }));
  const numbers = await Promise.all(
    Object.entries(output).map(async ([name, value]) => [name, (await value.data())[0]]),
  );
  tf.dispose(output);
  return Object.fromEntries(numbers);
}

describe("dreamboothLoss()", () => {
  it("adds the weighted mean of the class to the mean of the subject", async () => {
    expect(await lossOf([1, 3, 10, 20], 2, 0.5)).to.deep.equal({
      loss: 2 + 0.5 * 15,
      lossInstance: 2,
      lossPrior: 15,
    });
  });

  it("is the subject's alone without class examples", async () => {
    expect(await lossOf([1, 3], 2, 1)).to.deep.equal({ loss: 2, lossInstance: 2 });
  });
});
