import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { OrtBackend } from "../../../framework/backend/ortBackend.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { onOrt } from "../../support/parity.ts";

let compile: Compile;

/** What a tensor's values lie in. */
function arrayOf(tensor: tf.Tensor): unknown {
  const backend = tf.backend();
  if (!(backend instanceof OrtBackend)) throw new TypeError("Expected our backend");
  return backend.materialize(tensor.dataId).array;
}

describe("a compiled function's outputs", () => {
  onOrt();
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  /** What becomes of the first call's output, and whether the second may write over its array. */
  const cases: { title: string; keep: (y: tf.Tensor) => tf.Tensor[]; expected: boolean }[] = [
    {
      title: "are written where one that was disposed had been",
      keep: (y) => (y.dispose(), []),
      expected: true,
    },
    { title: "leave one alone that is still there", keep: (y) => [y], expected: false },
    {
      title: "leave one alone that a clone has",
      keep(y) {
        const clone = y.clone();
        y.dispose();
        return [clone];
      },
      expected: false,
    },
    {
      title: "leave one alone that a variable took over",
      keep(y) {
        const variable = tf.variable(y);
        y.dispose();
        return [variable];
      },
      expected: false,
    },
  ];
  for (const { title, keep, expected } of cases) {
    it(title, async () => {
      const double = compile(({ x }) => ({ y: x!.mul(2) }));
      const [x, z] = [tf.tensor([1, 2]), tf.tensor([5, 6])];
      const { y } = await double({ x });
      const array = arrayOf(y);
      const kept = keep(y);
      const next = await double({ x: z });
      expect(arrayOf(next.y) === array).to.equal(expected);
      expect([...next.y.dataSync()]).to.deep.equal([10, 12]);
      for (const tensor of kept) expect([...tensor.dataSync()]).to.deep.equal([2, 4]);
      double.dispose();
      tf.dispose([x, z, next, kept]);
    });
  }

  it("leave one alone that another compiled function reads", async () => {
    const double = compile(({ x }) => ({ y: x!.mul(2) }));
    const [x, z] = [tf.tensor([1, 2]), tf.tensor([5, 6])];
    const { y } = await double({ x });
    const addY = compile(({ x: other }) => ({ sum: other!.add(y) }));
    tf.dispose(await addY({ x }));
    y.dispose();
    tf.dispose(await double({ x: z }));
    const { sum } = await addY({ x });
    expect([...sum.dataSync()]).to.deep.equal([3, 6]);
    for (const compiled of [double, addY]) compiled.dispose();
    tf.dispose([x, z, sum]);
  });

  it("leave one alone whose values wait to be computed with", async () => {
    const double = compile(({ x }) => ({ y: x!.mul(2) }));
    const [x, z] = [tf.tensor([1, 2]), tf.tensor([5, 6])];
    const { y } = await double({ x });
    const pending = y.add(1);
    y.dispose();
    tf.dispose(await double({ x: z }));
    expect([...pending.dataSync()]).to.deep.equal([3, 5]);
    double.dispose();
    tf.dispose([x, z, pending]);
  });
});
