import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import type { Optimizer } from "../../../../framework/optim/optimizer.ts";
import { adam } from "../../../../framework/optim/optimizers/adam.ts";
import { adamW } from "../../../../framework/optim/optimizers/adamW.ts";
import { expectClose } from "../../../support/tensors.ts";

const gradients = [
  [0.5, -2, 0],
  [0.25, 1, 1e-3],
  [-0.75, 3, 1e-3],
];
const start = [1, -1, 0.5];

interface Reference {
  parameter: number[];
  firstMoment: number[];
  secondMoment: number[];
}

/** PyTorch's update in float64, written out per element. */
function reference(
  steps: number,
  scale: number,
  decoupled: boolean,
  weightDecay: number,
): Reference {
  const p = [...start];
  const m = [0, 0, 0];
  const v = [0, 0, 0];
  for (let t = 1; t <= steps; t++) {
    for (let i = 0; i < 3; i++) {
      let g = gradients[t - 1]![i]! * scale;
      if (decoupled) p[i]! *= 1 - 0.1 * weightDecay;
      else g += weightDecay * p[i]!;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.99 * v[i]! + 0.01 * g * g;
      const denominator = Math.sqrt(v[i]!) / Math.sqrt(1 - 0.99 ** t) + 1e-6;
      p[i]! -= (0.1 / (1 - 0.9 ** t)) * (m[i]! / denominator);
    }
  }
  return { parameter: p, firstMoment: m, secondMoment: v };
}

async function expectReference(
  optimizer: Optimizer,
  expected: Reference,
  scale?: number,
): Promise<void> {
  const parameter = tf.tidy(() => tf.variable(tf.tensor1d(start)));
  optimizer.initialize(new Map([["w", parameter]]));
  for (let t = 1; t <= gradients.length; t++) {
    const numbers = Object.entries(optimizer.hyperparameters(t, 0.1));
    tf.tidy(() => {
      const hyperparameters = Object.fromEntries(numbers.map(([k, x]) => [k, tf.scalar(x)]));
      const gradient = new Map([["w", tf.tensor1d(gradients[t - 1]!)]]);
      optimizer.apply(
        gradient,
        hyperparameters,
        scale === undefined ? undefined : tf.scalar(scale),
      );
    });
  }
  await expectClose(parameter, expected.parameter, 2e-6); // float32 against float64
  await expectClose(optimizer.state().get("firstMoment/w")!, expected.firstMoment, 1e-6);
  await expectClose(optimizer.state().get("secondMoment/w")!, expected.secondMoment, 1e-6);
  optimizer.dispose();
  parameter.dispose();
}

const options = { learningRate: 0.1, betas: [0.9, 0.99] as [number, number], epsilon: 1e-6 };

describe("adamW()", () => {
  it("updates as PyTorch does", async () => {
    const optimizer = adamW({ ...options, weightDecay: 0.05 });
    await expectReference(optimizer, reference(3, 1, true, 0.05));
  });

  it("takes the gradients times their scale", async () => {
    const optimizer = adamW({ ...options, weightDecay: 0.05 });
    await expectReference(optimizer, reference(3, 0.25, true, 0.05), 0.25);
  });

  it("leaves a parameter without gradient alone", async () => {
    const parameter = tf.tidy(() => tf.variable(tf.tensor1d(start)));
    const optimizer = adamW();
    optimizer.initialize(new Map([["w", parameter]]));
    const hyperparameters = optimizer.hyperparameters(1, 0.1);
    tf.tidy(() => {
      const scalars = Object.entries(hyperparameters).map(([k, x]) => [k, tf.scalar(x)]);
      optimizer.apply(new Map(), Object.fromEntries(scalars));
    });
    await expectClose(parameter, start, 0);
    optimizer.dispose();
    parameter.dispose();
  });

  it("refuses options that make no sense", () => {
    expect(() => adamW({ learningRate: -1 })).to.throw(RangeError, "learningRate must be >= 0");
    expect(() => adamW({ betas: [0.9, 1] })).to.throw(RangeError, "betas.1 must be < 1");
    const unknown = { epsilon: 1, learningrate: 1 };
    expect(() => adamW(unknown)).to.throw(RangeError, 'unknown option "learningrate"');
  });

  describe("with the fused kernel registered", () => {
    const calls: tf.NamedAttrMap[] = [];
    beforeEach(() => {
      calls.length = 0;
      tf.registerKernel({
        kernelName: "SeedbedAdamW",
        backendName: "cpu",
        kernelFunc: ({ inputs, attrs }) => {
          calls.push({ ...attrs });
          const read = (name: string) =>
            Array.from(tf.backend().readSync(inputs[name]!.dataId), Number);
          const [p, m, v, g] = ["parameter", "firstMoment", "secondMoment", "gradient"].map(read);
          const [scale] = read("gradientScale");
          const results = [p!.map((x) => x + 1), m!.map((x, i) => x + g![i]! * scale!), v!];
          return results.map((values) => ({
            dataId: tf.backend().write(Float32Array.from(values), [values.length], "float32"),
            shape: [values.length],
            dtype: "float32" as const,
          }));
        },
      });
    });
    afterEach(() => tf.unregisterKernel("SeedbedAdamW", "cpu"));

    it("hands it the whole update", async () => {
      const parameter = tf.tidy(() => tf.variable(tf.tensor1d(start)));
      const optimizer = adamW({ ...options, weightDecay: 0.05 });
      optimizer.initialize(new Map([["w", parameter]]));
      const numbers = Object.entries(optimizer.hyperparameters(1, 0.1));
      tf.tidy(() => {
        const scalars = Object.fromEntries(numbers.map(([k, x]) => [k, tf.scalar(x)]));
        optimizer.apply(new Map([["w", tf.tensor1d([1, 2, 3])]]), scalars, tf.scalar(0.5));
      });
      expect(calls).to.deep.equal([{ beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.05 }]);
      await expectClose(parameter, [2, 0, 1.5]);
      await expectClose(optimizer.state().get("firstMoment/w")!, [0.5, 1, 1.5]);
      await expectClose(optimizer.state().get("secondMoment/w")!, [0, 0, 0]);
      optimizer.dispose();
      parameter.dispose();
    });
  });
});

describe("adam()", () => {
  it("adds weight decay to the gradient", async () => {
    await expectReference(adam({ ...options, weightDecay: 0.05 }), reference(3, 1, false, 0.05));
  });

  it("has no weight decay by default", async () => {
    await expectReference(adam(options), reference(3, 1, false, 0));
  });
});
