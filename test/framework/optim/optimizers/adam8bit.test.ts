import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { adam8bit } from "../../../../framework/optim/optimizers/adam8bit.ts";
import { dynamicCode } from "../../../../framework/optim/optimizers/dynamicQuantization.ts";
import {
  expectSteps,
  gradientAt,
  gradientScale,
  learningRate,
  startOf,
  stepCount,
} from "../../../support/optimizerSteps.ts";

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** Each number as the nearest level times the largest of its block of 256. */
function rounded(values: readonly number[], signed: boolean): number[] {
  const levels = Array.from(dynamicCode(signed).levels);
  return values.map((value, i) => {
    const block = values.slice(i - (i % 256), i - (i % 256) + 256);
    const largest = Math.max(...block.map(Math.abs));
    const distance = (level: number): number => Math.abs(level - value / largest);
    return largest * levels.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  });
}

/** AdamW in float64; the moments are rounded after each step if `quantized`. */
function reference(shape: number[], quantized: boolean, weightDecay: number): number[] {
  const parameter = Array.from(startOf(shape));
  let first = parameter.map(() => 0);
  let second = parameter.map(() => 0);
  for (let step = 1; step <= stepCount; step++) {
    const g = Array.from(gradientAt(step, shape), (value) => value * gradientScale);
    first = first.map((value, i) => beta1 * value + (1 - beta1) * g[i]!);
    second = second.map((value, i) => beta2 * value + (1 - beta2) * g[i]! ** 2);
    for (const [i, value] of parameter.entries()) {
      const deviation = Math.sqrt(second[i]! / (1 - beta2 ** step)) + epsilon;
      const move = first[i]! / (1 - beta1 ** step) / deviation;
      parameter[i] = value - learningRate * (weightDecay * value + move);
    }
    if (!quantized) continue;
    first = rounded(first, true);
    second = rounded(second, false);
  }
  return parameter;
}

describe("adam8bit()", () => {
  for (const { title, shape, weightDecay } of [
    { title: "less than a block", shape: [4, 6], weightDecay: 0 },
    { title: "more than a block", shape: [3, 100], weightDecay: 0.1 },
  ]) {
    it(`follows the algorithm in float64 for 20 steps: ${title}`, async () => {
      const expected = reference(shape, true, weightDecay);
      const create = () => adam8bit({ minQuantizedSize: 0, weightDecay });
      await expectSteps(create, shape, expected, 1e-5);
    });
  }

  it("keeps the moments of small parameters in float32", async () => {
    await expectSteps(() => adam8bit(), [4, 6], reference([4, 6], false, 0), 5e-6);
  });

  it("keeps a byte for each moment of a large one, and a scale for 256", () => {
    const parameter = tf.tidy(() => tf.variable(tf.zeros([64, 64])));
    const optimizer = adam8bit();
    optimizer.initialize(new Map([["w", parameter]]));
    const bytes = [...optimizer.state().values()].map(({ size }) => size * 4);
    expect(bytes).to.deep.equal([4096, 64, 4096, 64]);
    optimizer.dispose();
    parameter.dispose();
  });
});
