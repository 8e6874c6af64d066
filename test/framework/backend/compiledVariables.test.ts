import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { errorOf, valuesOf, variable } from "../../support/compiled.ts";
import { onOrt } from "../../support/parity.ts";
import { expectClose } from "../../support/tensors.ts";

let compile: Compile;

describe("compile() with variables", () => {
  onOrt();
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  it("updates them, and follows assignments from outside", async () => {
    const count = variable(() => tf.scalar(1));
    const next = compile(() => {
      count.assign(count.add(1));
      return { count: count.mul(10) };
    });
    expect(await valuesOf(next)).to.deep.equal({ count: [20] });
    expect(await valuesOf(next)).to.deep.equal({ count: [30] });
    expect(count.dataSync()[0]).to.equal(3);
    const seven = tf.scalar(7);
    count.assign(seven);
    expect(await valuesOf(next)).to.deep.equal({ count: [80] });
    expect(seven.dataSync()[0]).to.equal(7);
    next.dispose();
    tf.dispose([count, seven]);
  });

  it("leaves the old values to clones, to pending results and to earlier outputs", async () => {
    const v = variable(() => tf.tensor([1, 2]));
    const step = compile(() => {
      v.assign(v.mul(2));
      return { v };
    });
    const first = await step({});
    const clone = v.clone();
    const pending = v.add(1);
    const second = await step({});
    expect([...clone.dataSync()]).to.deep.equal([2, 4]);
    expect([...pending.dataSync()]).to.deep.equal([3, 5]);
    expect([...first.v.dataSync()]).to.deep.equal([2, 4]);
    expect([...second.v.dataSync()]).to.deep.equal([4, 8]);
    expect([...v.dataSync()]).to.deep.equal([4, 8]);
    step.dispose();
    tf.dispose([v, clone, pending, first.v, second.v]);
  });

  it("tells a captured clone from its variable", async () => {
    const v = variable(() => tf.scalar(1));
    const anchor = v.clone();
    const step = compile(() => {
      v.assign(v.add(1));
      return { distance: v.sub(anchor) };
    });
    expect(await valuesOf(step)).to.deep.equal({ distance: [1] });
    expect(await valuesOf(step)).to.deep.equal({ distance: [2] });
    step.dispose();
    tf.dispose([v, anchor]);
  });

  it("tells two variables of one tensor apart", async () => {
    const start = tf.tensor([1, 1]);
    const [a, b] = [tf.variable(start), tf.variable(start)];
    const step = compile(() => {
      a.assign(a.add(1));
      b.assign(b.mul(5));
      return {};
    });
    await step({});
    await step({});
    expect([...a.dataSync()]).to.deep.equal([3, 3]);
    expect([...b.dataSync()]).to.deep.equal([25, 25]);
    expect([...start.dataSync()]).to.deep.equal([1, 1]);
    step.dispose();
    tf.dispose([start, a, b]);
  });

  it("exchanges two", async () => {
    const [a, b] = [variable(() => tf.tensor([1, 2])), variable(() => tf.tensor([3, 4]))];
    const exchange = compile(() => {
      const old = a.clone();
      a.assign(b);
      b.assign(old);
      return {};
    });
    for (let i = 0; i < 3; i++) await exchange({});
    expect([...a.dataSync()]).to.deep.equal([3, 4]);
    expect([...b.dataSync()]).to.deep.equal([1, 2]);
    exchange.dispose();
    tf.dispose([a, b]);
  });

  it("assigns one value to two, and an input to one", async () => {
    const [a, b, c] = [0, 0, 0].map((value) => variable(() => tf.scalar(value)));
    const step = compile(({ x }) => {
      const y = x!.add(1).asScalar();
      a!.assign(y);
      b!.assign(y);
      c!.assign(x!.asScalar());
      return { y };
    });
    const x = tf.scalar(4);
    await valuesOf(step, { x });
    const add = compile(() => {
      a!.assign(a!.add(10));
      return {};
    });
    await add({});
    expect([a, b, c].map((v) => v!.dataSync()[0])).to.deep.equal([15, 5, 4]);
    expect(x.dataSync()[0]).to.equal(4);
    tf.dispose([a!, b!, c!, x]);
    step.dispose();
    add.dispose();
  });

  it("hands an early state on to a late update", async () => {
    const [sum, last] = [variable(() => tf.scalar(0)), variable(() => tf.scalar(0))];
    const step = compile(({ x }) => {
      last.assign(tf.relu(x!).asScalar());
      sum.assign(sum.add(last));
      return {};
    });
    for (const value of [1, -5, 3]) {
      const x = tf.scalar(value);
      await step({ x });
      x.dispose();
    }
    expect([last.dataSync()[0], sum.dataSync()[0]]).to.deep.equal([3, 4]);
    step.dispose();
    tf.dispose([sum, last]);
  });

  it("works on one whose data was shaped otherwise", async () => {
    const flat = tf.tensor([1, 2, 3, 4]);
    const v = variable(() => flat.reshape([2, 2]));
    flat.dispose();
    const step = compile(() => {
      v.assign(tf.transpose(v).add(1).reshape([2, 2]));
      return { total: v.sum() };
    });
    expect(await valuesOf(step)).to.deep.equal({ total: [14] });
    expect([...v.dataSync()]).to.deep.equal([2, 4, 3, 5]);
    step.dispose();
    v.dispose();
  });

  it("moves those of another backend over", async () => {
    await tf.setBackend("cpu");
    const v = variable(() => tf.tensor([1, 2]));
    const x = tf.tensor([3, 4]);
    await tf.setBackend("ort");
    const step = compile((inputs) => {
      v.assign(v.add(inputs["x"]!));
      return {};
    });
    await step({ x });
    expect([...v.dataSync()]).to.deep.equal([4, 6]);
    step.dispose();
    tf.dispose([v, x]);
  });

  it("accumulates gradients in a buffer until it is emptied", async () => {
    const w = variable(() => tf.tensor([1, -2]));
    const buffer = variable(() => tf.zeros([2]));
    const accumulate = compile(({ x }) => {
      const { grads } = tf.variableGrads(() => w.mul(x!).square().sum().asScalar(), [w]);
      buffer.assign(buffer.add(grads[w.name]!));
      return {};
    });
    const apply = compile(() => {
      w.assign(w.sub(buffer.mul(0.1)));
      buffer.assign(tf.zerosLike(buffer));
      return {};
    });
    for (const value of [1, 2]) {
      const x = tf.scalar(value);
      await accumulate({ x });
      x.dispose();
    }
    expect([...buffer.dataSync()]).to.deep.equal([10, -20]);
    await apply({});
    await expectClose(w, [0, 0], 1e-6);
    expect([...buffer.dataSync()]).to.deep.equal([0, 0]);
    accumulate.dispose();
    apply.dispose();
    tf.dispose([w, buffer]);
  });

  it("accumulates in several, which one function keeps together and another reads and empties", async () => {
    const buffers = [2, 3].map((size) => variable(() => tf.zeros([size])));
    const gradients = (x: tf.Tensor): tf.Tensor[] =>
      buffers.map(({ size }) => tf.matMul(x.reshape([1, 1]), tf.ones([1, size])).as1D());
    const accumulate = compile(({ x }: { x: tf.Scalar }) => {
      for (const [i, gradient] of gradients(x).entries())
        buffers[i]!.assign(buffers[i]!.add(gradient));
      return {};
    });
    const take = compile(({ x }: { x: tf.Scalar }) => {
      const [a, b] = gradients(x).map((gradient, i) => buffers[i]!.add(gradient));
      for (const buffer of buffers) buffer.assign(tf.zerosLike(buffer));
      return { a: a!, b: b! };
    });
    for (let window = 1; window <= 4; window++) {
      const [first, last] = [tf.scalar(window), tf.scalar(10)];
      await accumulate({ x: first });
      const sums = await take({ x: last });
      const sum = window + 10;
      expect([...sums.a.dataSync()], `window ${window}`).to.deep.equal([sum, sum]);
      expect([...sums.b.dataSync()], `window ${window}`).to.deep.equal([sum, sum, sum]);
      for (const buffer of buffers) expect(buffer.dataSync()[0]).to.equal(0);
      tf.dispose([first, last, sums]);
    }
    accumulate.dispose();
    take.dispose();
    tf.dispose(buffers);
  });

  it("refuses to go on without one that was disposed", async () => {
    const v = variable(() => tf.scalar(1), "gone");
    const step = compile(() => {
      v.assign(v.add(1));
      return {};
    });
    await step({});
    v.dispose();
    const { message } = await errorOf(step({}));
    expect(message).to.equal('Cannot run a compiled function: its variable "gone" was disposed');
    step.dispose();
  });
});
