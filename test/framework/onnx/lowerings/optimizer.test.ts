import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import * as optimizer from "../../../../framework/onnx/lowerings/optimizer.ts";
import { onOrt } from "../../../support/parity.ts";

const attributes = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
const learningRate = 1e-2;
const gradientScale = 0.5;
const size = 64;
const steps = 20;

interface State {
  parameter: number[];
  first: number[];
  second: number[];
}

function gradientAt(step: number): Float32Array {
  return new RandomStream(7, "gradient", step).normals(size);
}

/** AdamW in float64. */
function reference({ parameter, first, second }: State, step: number): State {
  const { beta1, beta2, epsilon, weightDecay } = attributes;
  const g = Array.from(gradientAt(step), (value) => value * gradientScale);
  const m = first.map((value, i) => beta1 * value + (1 - beta1) * g[i]!);
  const v = second.map((value, i) => beta2 * value + (1 - beta2) * g[i]! ** 2);
  const p = parameter.map((value, i) => {
    const deviation = Math.sqrt(v[i]! / (1 - beta2 ** step));
    const direction = m[i]! / (1 - beta1 ** step) / (deviation + epsilon);
    return value * (1 - learningRate * weightDecay) - learningRate * direction;
  });
  return { parameter: p, first: m, second: v };
}

function update(
  state: { parameter: tf.Tensor; firstMoment: tf.Tensor; secondMoment: tf.Tensor },
  step: number,
): tf.Tensor[] {
  return tf.tidy(() =>
    tf.engine().runKernel<tf.Tensor[]>(
      "SeedbedAdamW",
      {
        ...state,
        gradient: tf.tensor(gradientAt(step)),
        learningRate: tf.scalar(learningRate),
        correction1: tf.scalar(1 / (1 - attributes.beta1 ** step)),
        correction2Sqrt: tf.scalar(1 / Math.sqrt(1 - attributes.beta2 ** step)),
        gradientScale: tf.scalar(gradientScale),
      },
      attributes,
    ),
  );
}

describe("lowerings of optimizer.ts", () => {
  onOrt();

  it("SeedbedAdamW follows the update in float64 for 20 steps", () => {
    const start = new RandomStream(7, "parameter").normals(size);
    let expected: State = {
      parameter: Array.from(start),
      first: Array.from(start, () => 0),
      second: Array.from(start, () => 0),
    };
    let state = [tf.tensor(start), tf.zeros([size]), tf.zeros([size])];
    for (let step = 1; step <= steps; step++) {
      expected = reference(expected, step);
      const [parameter, firstMoment, secondMoment] = state;
      const next = update(
        { parameter: parameter!, firstMoment: firstMoment!, secondMoment: secondMoment! },
        step,
      );
      tf.dispose(state);
      state = next;
    }
    const wanted = [expected.parameter, expected.first, expected.second];
    for (const [i, tensor] of state.entries()) {
      tensor.dataSync().forEach((value, j) => {
        const want = wanted[i]![j]!;
        // Twenty steps, a few roundings of float32 each, relative 6e-8 at most.
        expect(value).to.be.closeTo(want, 5e-6 * Math.max(1, Math.abs(want)));
      });
    }
    tf.dispose(state);
  });

  it("are all tested here, or by their optimizer's own test in compiled steps", () => {
    const kernels = ["SeedbedAdamW", "SeedbedLion", "SeedbedScaledGradient"];
    expect(Object.keys(optimizer)).to.deep.equal(kernels);
  });
});
