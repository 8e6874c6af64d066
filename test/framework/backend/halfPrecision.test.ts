import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import type { Precision } from "../../../framework/base/precision.ts";
import { conv2d } from "../../../framework/nn/ops/conv2d.ts";
import { onOrt } from "../../support/parity.ts";

/** `a sin(f i)` for i = 0, 1, … */
const wave = (shape: number[], f: number, a = 1): tf.Tensor =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => a * Math.sin(i * f)),
    shape,
  );

describe("compile() in a precision", () => {
  onOrt();
  let compile: Compile;
  let variables: Record<"w1" | "b1" | "w2" | "w3", tf.Variable>;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
    variables = tf.tidy(() => ({
      w1: tf.variable(wave([4, 3, 3, 3], 1.3, 0.3)),
      b1: tf.variable(wave([4], 0.9, 0.1)),
      w2: tf.variable(wave([144, 5], 0.11, 0.2)),
      w3: tf.variable(wave([5, 3], 0.4, 0.5)),
    }));
  });
  after(() => {
    tf.dispose(variables);
  });

  /** A convolution, two matrix products and the cross entropy with `y`. */
  function loss({ x, y }: tf.NamedTensorMap): tf.Scalar {
    const { w1, b1, w2, w3 } = variables;
    const features = conv2d(x!, w1, b1, { pads: [1, 1, 1, 1] })
      .relu()
      .reshape([2, 144]);
    const logits = features.matMul(w2).relu().matMul(w3);
    return tf.neg(tf.logSoftmax(logits).mul(y!).sum()).asScalar();
  }

  async function lossAndNorms(precision: Precision): Promise<number[]> {
    const step = compile(
      (inputs: tf.NamedTensorMap) => {
        const { value, grads } = tf.variableGrads(() => loss(inputs));
        const norms: tf.NamedTensorMap = {};
        for (const [name, w] of Object.entries(variables)) norms[name] = grads[w.name]!.norm();
        return { value, ...norms };
      },
      { precision },
    );
    const inputs = tf.tidy(() => ({ x: wave([2, 3, 6, 6], 0.7), y: wave([2, 3], 2.1) }));
    const outputs = await step(inputs);
    const values = Object.values(outputs).map((output) => output.dataSync()[0]!);
    tf.dispose([outputs, inputs]);
    step.dispose();
    return values;
  }

  // PyTorch 2.13's torch.autocast("cpu", dtype) on the same numbers: the loss, and the norms of the
  // gradients of w1, b1, w2 and w3. It sums up a bias's gradient and a filter's taps in other places.
  const published = [
    {
      precision: "32-true",
      expected: -0.05552968755364418,
      norms: [0.33144626, 0.09154788, 7.0498991, 2.4331708],
      within: [2e-6, 2e-6, 1e-6, 1e-6],
    },
    {
      precision: "bf16-mixed",
      expected: -0.05434264987707138,
      norms: [0.33285296, 0.09161042, 7.06840467, 2.43292832],
      within: [2e-4, 1e-3, 1e-6, 1e-6],
    },
    {
      precision: "16-mixed",
      expected: -0.05535002797842026,
      norms: [0.3324753, 0.09168363, 7.04783773, 2.43759775],
      within: [1e-4, 3e-4, 1e-6, 1e-6],
    },
  ] as const;
  for (const { precision, expected, norms, within } of published) {
    it(`has the loss and gradients of PyTorch's autocast in ${precision}`, async () => {
      const [value, ...actual] = await lossAndNorms(precision);
      expect(value).to.be.closeTo(expected, 1e-7);
      for (const [i, each] of actual.entries()) {
        expect(each / norms[i]!, `norm ${i}`).to.be.closeTo(1, within[i]!);
      }
    });
  }

  it("says what becomes of products", () => {
    expect(compile.describePrecision?.("bf16-mixed")).to.equal(
      "bf16-mixed: what matrix products and convolutions read and give is rounded to bfloat16, they are computed in float32, since ONNX Runtime has no kernels for it on this CPU: as accurate as bfloat16, but slower than 32-true",
    );
  });

  it("is refused where operations are not recorded", () => {
    const message =
      "Cannot compute in bf16-mixed: this backend runs operations as they are called, in float32; set trainer.backend to ort or webgpu, or trainer.precision to 32-true";
    expect(() => runEagerly(() => ({}), { precision: "bf16-mixed" })).to.throw(message);
  });
});
