import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { checkpoint } from "../../../framework/nn/checkpoint.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { expectClose } from "../../support/tensors.ts";

type Wrap = typeof checkpoint;
const plain: Wrap = (fn, inputs) => fn(...inputs);

/** Value and gradients of two layers, each under `wrap`. */
function gradients(wrap: Wrap): tf.Tensor[] {
  return tf.tidy(() => {
    const filters = [1, 2].map((seed) =>
      tf.variable(tf.randomNormal([4, 4], 0, 1, "float32", seed)),
    );
    const x = tf.randomNormal([3, 4], 0, 1, "float32", 7);
    const shift = tf.randomNormal([4], 0, 1, "float32", 8);
    const loss = (input: tf.Tensor, offset: tf.Tensor): tf.Scalar => {
      let hidden = input.mul(2);
      for (const filter of filters) {
        hidden = wrap(
          (h, o) => tf.tanh(tf.matMul(h!.as2D(3, 4), filter).add(o!)),
          [hidden, offset],
        );
      }
      return hidden.square().sum().asScalar();
    };
    const { value, grads } = tf.variableGrads(() => loss(x, shift), filters);
    const byInput = tf.grads((...[input, offset]) => loss(input!, offset!))([x, shift]);
    const result = [value, ...filters.map(({ name }) => grads[name]!), ...byInput];
    for (const filter of filters) filter.dispose();
    return result;
  });
}

describe("checkpoint()", () => {
  it("gives the value and the gradients that there are without it", async () => {
    const [got, expected] = [gradients(checkpoint), gradients(plain)];
    for (const [i, tensor] of got.entries()) await expectClose(tensor, expected[i]!, 1e-6);
    tf.dispose([got, expected]);
  });

  it("computes twice where there is a gradient, once where there is none", () => {
    let calls = 0;
    const square = (x: tf.Tensor): tf.Scalar =>
      checkpoint(
        (input) => {
          calls++;
          return input!.square().sum().asScalar();
        },
        [x],
      );
    tf.tidy(() => {
      square(tf.tensor1d([1, 2]));
      expect(calls).to.equal(1);
      const gradient = tf.grad((x) => square(x))(tf.tensor1d([1, 2]));
      expect(calls).to.equal(3);
      expect([...gradient.dataSync()]).to.deep.equal([2, 4]);
    });
  });

  it("may be nested, and differentiated twice", async () => {
    const cube = (x: tf.Tensor): tf.Scalar =>
      checkpoint(
        (outer) =>
          checkpoint((inner) => inner!.pow(3), [outer!])
            .sum()
            .asScalar(),
        [x],
      );
    const first = tf.grad((x) => cube(x));
    const second = tf.grad((x) =>
      tf
        .grad((inner) => cube(inner))(x)
        .sum(),
    );
    const x = tf.tensor1d([2, 3]);
    const slopes = [first(x), second(x)];
    await expectClose(slopes[0]!, [12, 27], 1e-4);
    await expectClose(slopes[1]!, [12, 18], 1e-4);
    tf.dispose([x, slopes]);
  });

  it("refuses a computed tensor that is not among the inputs", () => {
    const run = (): void => {
      tf.tidy(() => {
        tf.grad((x) => {
          const hidden = x.neg();
          return checkpoint((y) => y!.mul(hidden).sum().asScalar(), [x]);
        })(tf.ones([2, 3]));
      });
    };
    expect(run).to.throw("Cannot checkpoint: the function reads a computed tensor of shape [2, 3]");
  });
});

describe("checkpoint() in a compiled function", () => {
  onOrt();
  const folder = temporaryFolder();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  /** How often the compiled gradient of three exponentials computes one. */
  async function exponentials(wrap: Wrap, profiles: string): Promise<number> {
    mkdirSync(profiles);
    process.env["SEEDBED_PROFILE"] = path.join(profiles, "profile");
    try {
      const loss = (x: tf.Tensor): tf.Scalar =>
        wrap((y) => y!.exp().sin().exp().sin().exp().sum().asScalar(), [x]);
      const step = compile(({ x }) => {
        const { value, grad } = tf.valueAndGrad((input) => loss(input))(x!);
        return { value, grad };
      });
      const x = tf.tensor1d([0.1, 0.2]);
      tf.dispose(await step({ x }));
      x.dispose();
      step.dispose();
    } finally {
      delete process.env["SEEDBED_PROFILE"];
    }
    const events = readdirSync(profiles).map((file) =>
      readFileSync(path.join(profiles, file), "utf8"),
    );
    return events.join("").match(/"op_name" ?: ?"Exp"/g)?.length ?? 0;
  }

  it("is not undone by the runtime's optimizer", async () => {
    expect(await exponentials(plain, folder.path("plain"))).to.equal(3);
    expect(await exponentials(checkpoint, folder.path("checkpoint"))).to.equal(6);
  });
});
