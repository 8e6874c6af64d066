import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { optimizerConfig } from "../../../../experiments/dreambooth/trains/optimizerConfig.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";

const { spec } = await loadExperimentSpec("configs/gan.yaml", [
  "optimizer={name: sgd, learningRate: 0.5}",
]);
const none = { unet: null, textEncoder: null, vae: null, tokens: null };

/** What a step of the optimizer takes from parameters whose gradients are 1. */
function drops(rates: Partial<typeof none> | Record<string, number>): number[] {
  const { optimizer } = optimizerConfig(spec, { ...none, ...rates });
  return tf.tidy(() => {
    const names = ["unet.a", "text_encoder.a", "vae.a", "tokens.<x>"];
    const parameters = new Map(names.map((name) => [name, tf.variable(tf.scalar(0))]));
    optimizer.initialize(parameters);
    const numbers = Object.entries(optimizer.hyperparameters(1, optimizer.learningRate));
    optimizer.apply(
      new Map(names.map((name) => [name, tf.scalar(1)])),
      Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)])),
    );
    optimizer.dispose();
    const values = [...parameters.values()].map((value) => -value.dataSync()[0]!);
    tf.dispose([...parameters.values()]);
    return values;
  });
}

describe("optimizerConfig()", () => {
  const cases: [rates: Record<string, number>, expected: number[]][] = [
    [{}, [0.5, 0.5, 0.5, 0.5]],
    [{ textEncoder: 0.25 }, [0.5, 0.25, 0.5, 0.5]],
    [{ unet: 0.125, tokens: 2 }, [0.125, 0.5, 0.5, 2]],
    [{ unet: 0.125, textEncoder: 0.25, vae: 1, tokens: 2 }, [0.125, 0.25, 1, 2]],
  ];
  for (const [rates, expected] of cases) {
    it(`steps each part by ${expected.join(", ")} for ${JSON.stringify(rates)}`, () => {
      expect(drops(rates)).to.deep.equal(expected);
    });
  }

  it("has no groups when no part has a rate of its own", () => {
    const { optimizer } = optimizerConfig(spec, none);
    expect(optimizer).not.to.have.property("learningRates");
    optimizer.dispose();
  });
});
