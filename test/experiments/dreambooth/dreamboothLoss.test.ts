import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { dreamboothLoss, pairing } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

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

describe("pairing()", () => {
  const settings = async (...overrides: string[]) =>
    settingsOf((await loadExperimentSpec("configs/dreambooth.yaml", overrides)).spec);

  /** The loss of a batch of 8 + 8, each kind with the same losses. */
  async function combined(losses: number[], ...overrides: string[]) {
    const { passes, combine } = pairing(await settings(...overrides));
    const loss = tf.tidy(() => combine(tf.tensor1d(losses)).loss);
    const [value] = await loss.data();
    loss.dispose();
    return { passes, value };
  }

  it("combines losses of examples in one pass, means of the two kinds in two", async () => {
    const examples = [...Array<number>(8).fill(3), ...Array<number>(8).fill(5)];
    const weight = "loss.priorWeight=0.5";
    expect(await combined(examples, weight)).to.deep.equal({ passes: 1, value: 5.5 });
    const two = await combined([3, 5], weight, "loss.pairing=twoPass");
    expect(two).to.deep.equal({ passes: 2, value: 5.5 });
  });

  it("is one pass without a class", async () => {
    const alone = ["loss.priorWeight=0", "loss.pairing=twoPass"];
    const examples = Array<number>(8).fill(3);
    expect(await combined(examples, ...alone)).to.deep.equal({ passes: 1, value: 3 });
  });
});
