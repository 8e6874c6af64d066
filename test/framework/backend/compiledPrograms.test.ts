import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { onOrt } from "../../support/parity.ts";

describe("compile() agrees with running each operation as it is called", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  for (let seed = 0; seed < 16; seed++) {
    it(`in random program ${seed}`, async () => {
      const compiled = await trace(seed, compile);
      await tf.setBackend("cpu");
      const eager = await trace(seed, runEagerly);
      await tf.setBackend("ort");
      expect(compiled.length).to.equal(eager.length);
      compiled.forEach((value, i) => {
        const tolerance = 1e-4 * Math.max(1, Math.abs(eager[i]!)); // up to 36 operations in a row
        expect(value, `number ${i}`).to.be.closeTo(eager[i]!, tolerance);
      });
    });
  }
});

type Operation = (pick: () => tf.Tensor) => tf.Tensor;

/** Bounded functions of `[4]` or `[2, 2]` values, which views, reductions and no-ops interleave. */
const operations: Operation[] = [
  (pick) => pick().add(pick()).mul(0.5),
  (pick) => pick().sub(pick()).mul(0.5),
  (pick) => pick().mul(pick()).tanh(),
  (pick) => pick().mul(1),
  (pick) => pick().add(0),
  (pick) => pick().clone(),
  (pick) => pick().reverse(),
  (pick) => pick().reshape([2, 2]).transpose().reshape([4]),
  (pick) => pick().sub(pick().mean()),
  (pick) => tf.softmax(pick()),
  (pick) =>
    tf
      .matMul(pick().reshape([2, 2]), pick().reshape([2, 2]))
      .reshape([4])
      .tanh(),
  (pick) => tf.concat([pick().slice(2, 2), pick().slice(0, 2)]),
  (pick) => tf.where(pick().greater(pick()), pick(), pick()),
  (pick) => pick().square().add(0.1).sqrt().tanh(),
];

/** Numbers that a random program with four variables gives in three runs, and what it leaves. */
async function trace(seed: number, compiler: Compile): Promise<number[]> {
  const start = new RandomStream(seed, "start");
  const variables = [0, 1, 2, 3].map(() => tf.tidy(() => tf.variable(tf.tensor(start.normals(4)))));
  const program = compiler(({ x }: { x: tf.Tensor }) => {
    const random = new RandomStream(seed, "program");
    const values: tf.Tensor[] = [x, ...variables];
    const pick = (): tf.Tensor => values[random.integer(values.length)]!;
    for (let i = 0; i < 12; i++) {
      values.push(operations[random.integer(operations.length)]!(pick));
      if (random.uniform() < 0.4)
        variables[random.integer(variables.length)]!.assign(pick().clone());
    }
    return { a: values.at(-1)!.clone(), b: pick().clone(), c: pick().clone() };
  });
  const numbers: number[] = [];
  for (let run = 0; run < 3; run++) {
    const x = tf.tensor(new RandomStream(seed, "x", run).normals(4));
    const outputs = await program({ x });
    for (const tensor of Object.values(outputs)) numbers.push(...tensor.dataSync());
    tf.dispose([x, outputs]);
  }
  for (const variable of variables) numbers.push(...variable.dataSync());
  program.dispose();
  tf.dispose(variables);
  return numbers;
}
