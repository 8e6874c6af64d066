import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { gradientPasses } from "../../../framework/nn/gradientPasses.ts";
import { onOrt } from "../../support/parity.ts";
import { expectClose } from "../../support/tensors.ts";

/** Squared outputs of a small network. */
function lossOf(x: tf.Tensor, filters: readonly tf.Variable[]): tf.Scalar {
  const hidden = filters.reduce<tf.Tensor2D>(
    (value, filter) => tf.tanh(tf.matMul(value, filter)),
    x.as2D(-1, 4),
  );
  return hidden.square().mean().asScalar();
}

/** Loss and gradients of the first half of a batch and 0.5 times the second. */
function gradients(apart: boolean): tf.Tensor[] {
  return tf.tidy(() => {
    const filters = [1, 2].map((seed) =>
      tf.variable(tf.randomNormal([4, 4], 0, 1, "float32", seed)),
    );
    const x = tf.randomNormal([6, 4], 0, 1, "float32", 7);
    const { value, grads } = tf.variableGrads(() => {
      const halves = [0, 3].map(
        (row) => (keep: (x: tf.Tensor) => tf.Tensor) =>
          lossOf(keep(x.slice([row, 0], [3, 4])), filters),
      );
      const [first, second] = apart
        ? gradientPasses(halves, filters)
        : halves.map((half) => half((part) => part));
      return first!.add(second!.mul(0.5)).asScalar();
    }, filters);
    const result = [value, ...filters.map(({ name }) => grads[name]!)];
    for (const filter of filters) filter.dispose();
    return result;
  });
}

describe("gradientPasses()", () => {
  it("give the losses and the gradients that there are without them", async () => {
    const [got, expected] = [gradients(true), gradients(false)];
    for (const [i, tensor] of got.entries()) await expectClose(tensor, expected[i]!, 1e-6);
    tf.dispose([got, expected]);
  });

  it("compute each pass once, in order, with or without gradients", () => {
    const calls: string[] = [];
    tf.tidy(() => {
      const variable = tf.variable(tf.scalar(3));
      const pass = (name: string) => () => {
        calls.push(name);
        return variable.square().asScalar();
      };
      const sum = (): tf.Scalar =>
        tf.addN(gradientPasses([pass("a"), pass("b")], [variable])).asScalar();
      expect(sum().dataSync()[0]).to.equal(18);
      expect(calls).to.deep.equal(["a", "b"]);
      const { grads } = tf.variableGrads(sum, [variable]);
      expect(grads[variable.name]!.dataSync()[0]).to.equal(12);
      expect(calls).to.deep.equal(["a", "b", "a", "b"]);
      variable.dispose();
    });
  });

  it("refuse what was computed from the variables outside of them", () => {
    const run = (): void => {
      tf.tidy(() => {
        const variable = tf.variable(tf.ones([2, 3]));
        try {
          tf.variableGrads(() => {
            const hidden = variable.neg();
            return gradientPasses([() => hidden.mul(variable).sum().asScalar()], [variable])[0]!;
          }, [variable]);
        } finally {
          variable.dispose();
        }
      });
    };
    expect(run).to.throw("Cannot compute a pass: it reads a tensor of shape [2, 3]");
  });

  it("read what was computed from other variables, as from nothing", () => {
    tf.tidy(() => {
      const variable = tf.variable(tf.scalar(3));
      const frozen = tf.variable(tf.scalar(5));
      const { grads } = tf.variableGrads(() => {
        const factor = frozen.square();
        return gradientPasses([() => factor.mul(variable).asScalar()], [variable])[0]!;
      }, [variable]);
      expect(grads[variable.name]!.dataSync()[0]).to.equal(25);
      tf.dispose([variable, frozen]);
    });
  });
});

describe("gradientPasses() in a compiled function", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  it("give the gradients that there are without them", async () => {
    const filters = [1, 2].map((seed) =>
      tf.tidy(() => tf.variable(tf.randomNormal([4, 4], 0, 1, "float32", seed))),
    );
    const x = tf.randomNormal([6, 4], 0, 1, "float32", 7);
    const step = (apart: boolean) =>
      compile(({ input }: { input: tf.Tensor }) => {
        const { grads } = tf.variableGrads(() => {
          const halves = [0, 3].map(
            (row) => (keep: (part: tf.Tensor) => tf.Tensor) =>
              lossOf(keep(input.slice([row, 0], [3, 4])), filters),
          );
          const losses = apart
            ? gradientPasses(halves, filters)
            : halves.map((half) => half((part) => part));
          return tf.addN(losses).asScalar();
        }, filters);
        return Object.fromEntries(filters.map(({ name }, i) => [String(i), grads[name]!]));
      });
    const [together, passes] = [step(false), step(true)];
    const [expected, got] = [await together({ input: x }), await passes({ input: x })];
    for (const [name, gradient] of Object.entries(got)) {
      await expectClose(gradient, expected[name]!, 1e-6);
    }
    together.dispose();
    passes.dispose();
    tf.dispose([x, filters, expected, got]);
  });
});
