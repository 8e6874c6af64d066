import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { useBackend } from "../../framework/backend/register.ts";
import { hasFloat16 } from "../../framework/backend/webGpu.ts";
import type { Compile } from "../../framework/base/compile.ts";
import type { MixedPrecision } from "../../framework/base/precision.ts";

describe("compile() in a precision on webgpu", () => {
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("webgpu", { threads: 2 }));
  });
  after(async () => {
    await tf.setBackend("cpu");
  });

  /** 1 x 1.00390625 + 3 x 1/3, computed in a precision. */
  async function product(precision: MixedPrecision): Promise<number> {
    const [a, b] = [tf.tensor([[1 + 2 ** -8, 3]]), tf.tensor([[1], [1 / 3]])];
    const multiply = compile(({ a: x, b: y }: tf.NamedTensorMap) => ({ c: x!.matMul(y!) }), {
      precision,
    });
    try {
      const { c } = await multiply({ a, b });
      const [value] = await c!.data();
      c!.dispose();
      return value!;
    } finally {
      multiply.dispose();
      tf.dispose([a, b]);
    }
  }

  it("rounds to bfloat16", async () => {
    expect(await product("bf16-mixed")).to.equal(2);
    expect(compile.describePrecision?.("bf16-mixed")).to.include("rounding is done on the CPU");
  });

  it("computes in float16 where the device does, and says so where it does not", async () => {
    if (hasFloat16()) {
      expect(await product("16-mixed")).to.be.closeTo(2.00390625, 2 ** -8);
      return;
    }
    const message =
      "Cannot compute in 16-mixed: the WebGPU device has no shader-f16; set trainer.precision to 32-true, or trainer.backend to ort";
    expect(() => compile.describePrecision?.("16-mixed")).to.throw(message);
    expect(await product("16-mixed").catch(String)).to.equal(`Error: ${message}`);
  });

  it("keeps variables where assignsIfFinite says so", async () => {
    const w = tf.tidy(() => tf.variable(tf.tensor([1, 2])));
    const step = compile(
      ({ x }: { x: tf.Tensor }) => {
        w.assign(w.sub(x));
        return { norm: x.clone() };
      },
      { assignsIfFinite: "norm" },
    );
    for (const value of [1, Infinity, 2]) {
      const x = tf.scalar(value);
      tf.dispose([await step({ x }), x]);
    }
    expect([...(await w.data())]).to.deep.equal([-2, -1]);
    step.dispose();
    w.dispose();
  });
});
