import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { onOrt } from "../../support/parity.ts";

type Step = (inputs: { x: tf.Tensor }) => Promise<tf.NamedTensorMap>;

describe("compile() with assignsIfFinite", () => {
  onOrt();
  let compile: Compile;
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  /** Runs a step on a number and gives its outputs. */
  async function run(step: Step, x: number): Promise<Record<string, number>> {
    const input = tf.scalar(x);
    const outputs = await step({ x: input });
    const values = Object.entries(outputs).map(([name, output]) => [name, output.dataSync()[0]!]);
    tf.dispose([outputs, input]);
    return Object.fromEntries(values);
  }

  it("leaves a parameter, its moments and other variables as they are after infinity and NaN", async () => {
    const optimizer = adamW({ learningRate: 0.1 });
    const [w, seen] = tf.tidy(() => [tf.variable(tf.tensor([1, 2])), tf.variable(tf.scalar(0))]);
    const parameters = new Map([["w", w!]]);
    optimizer.initialize(parameters);
    const step = compile(
      ({ x }: { x: tf.Tensor }) => {
        seen!.assign(seen!.add(1));
        const gradient = w!.mul(x);
        const numbers = optimizer.hyperparameters(1, 0.1);
        const scalars = Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]);
        optimizer.apply(new Map([["w", gradient]]), Object.fromEntries(scalars));
        return { norm: gradient.norm() };
      },
      { assignsIfFinite: "norm" },
    );
    const state = (): number[][] =>
      [w!, seen!, ...optimizer.state().values()].map((variable) => [...variable.dataSync()]);
    const start = state();
    expect(await run(step, Infinity)).to.deep.equal({ norm: Infinity });
    expect(await run(step, NaN)).to.deep.equal({ norm: NaN });
    expect(state()).to.deep.equal(start);
    await run(step, 1);
    const once = state();
    expect(once[0]![0]).to.be.closeTo(0.899, 1e-6); // 1 * (1 - 0.1 * 0.01) - 0.1
    expect(once[1]).to.deep.equal([1]);
    await run(step, Infinity);
    expect(state()).to.deep.equal(once);
    step.dispose();
    optimizer.dispose();
    tf.dispose([w!, seen!]);
  });

  it("gives outputs that depend on new values in either case", async () => {
    const w = tf.tidy(() => tf.variable(tf.tensor([1, 2])));
    const step = compile(
      ({ x }: { x: tf.Tensor }) => {
        w.assign(w.sub(x));
        return { x: x.clone(), sum: w.sum() };
      },
      { assignsIfFinite: "x" },
    );
    expect(await run(step, 1)).to.deep.equal({ x: 1, sum: 1 });
    expect(await run(step, -Infinity)).to.deep.equal({ x: -Infinity, sum: Infinity });
    expect(await run(step, 2)).to.deep.equal({ x: 2, sum: -3 });
    expect([...w.dataSync()]).to.deep.equal([-2, -1]);
    step.dispose();
    w.dispose();
  });

  it("refuses a name that no output has", async () => {
    const step = compile(({ x }: { x: tf.Tensor }) => ({ y: x.add(1) }), {
      assignsIfFinite: "norm",
    });
    const input = tf.scalar(1);
    const error = await step({ x: input }).then(String, String);
    expect(error).to.include(
      'Cannot compile: assignsIfFinite must name a scalar output, got "norm"; outputs are [y]',
    );
    step.dispose();
    input.dispose();
  });
});
