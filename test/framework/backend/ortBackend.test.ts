import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { engineReport, ortBackend, useBackend } from "../../../framework/backend/register.ts";
import { onOrt } from "../../support/parity.ts";
import { expectClose } from "../../support/tensors.ts";

describe("backend ort", () => {
  onOrt();

  it("computes nothing until a value is read, then everything at once", () => {
    const before = engineReport().sessions;
    const x = tf.tensor([1, 2, 3]);
    const doubled = x.mul(2);
    const shifted = doubled.add(1);
    const root = shifted.sqrt();
    expect(engineReport().sessions).to.deep.equal(before);
    expect([...doubled.dataSync()]).to.deep.equal([2, 4, 6]);
    const { built, reused } = engineReport().sessions;
    expect(built + reused).to.equal(before.built + before.reused + 1);
    expect([...shifted.dataSync()]).to.deep.equal([3, 5, 7]);
    expect(engineReport().sessions).to.deep.include({ built, reused });
    tf.dispose([x, doubled, shifted, root]);
  });

  it("reuses the session of an equal graph", async () => {
    const run = async (values: number[]): Promise<void> => {
      const y = tf.tidy(() => tf.tensor(values).mul(3).sub(0.25).relu());
      await expectClose(
        y,
        values.map((value) => Math.max(0, value * 3 - 0.25)),
      );
      y.dispose();
    };
    await run([1, -2, 3, -4, 5]);
    const { sessions: first } = engineReport();
    await run([-6, 7, -8, 9, 10]);
    const { sessions: second } = engineReport();
    expect(second.built).to.equal(first.built);
    expect(second.reused).to.equal(first.reused + 1);
    await run([1, 2]);
    expect(engineReport().sessions.built, "another shape is another graph").to.equal(
      first.built + 1,
    );
  });

  it("does not confuse graphs that differ in a constant or an attribute alone", () => {
    const x = tf.tensor([-1, 2]);
    const results = [
      tf.leakyRelu(x, 0.5),
      tf.leakyRelu(x, 0.25),
      tf.clipByValue(x, 0, 1),
      tf.clipByValue(x, -0.5, 1),
      tf.leakyRelu(x, -0),
      tf.leakyRelu(x, Infinity),
    ].map((result) => {
      const values = [...result.dataSync()];
      result.dispose();
      return values;
    });
    expect(results).to.deep.equal([
      [-0.5, 2],
      [-0.25, 2],
      [0, 1],
      [-0.5, 1],
      [0, 2],
      [-Infinity, 2],
    ]);
    x.dispose();
  });

  it("runs a graph that has grown long, before a kernel of several outputs too", () => {
    const { built, reused } = engineReport().sessions;
    const start = tf.tensor([1, 2, 3, 4]);
    let x = start.clone();
    for (let i = 0; i <= 2000; i++) {
      const next = x.add(1);
      x.dispose();
      x = next;
    }
    const parts = tf.split(x, 2);
    const { sessions } = engineReport();
    expect(sessions.built + sessions.reused).to.equal(built + reused + 1);
    expect(parts.map((part) => [...part.dataSync()])).to.deep.equal([
      [2002, 2003],
      [2004, 2005],
    ]);
    tf.dispose([start, x, ...parts]);
  });

  it("copies what it is given and what it gives", () => {
    const values = Float32Array.of(1, 2);
    const x = tf.tensor(values);
    values[0] = 9;
    x.dataSync()[1] = 9;
    expect([...x.dataSync()]).to.deep.equal([1, 2]);
    x.dispose();
  });

  it("shares the data of clones and views, and frees it with the last", () => {
    const ids = (): number => ortBackend().numDataIds();
    const start = ids();
    const x = tf.tensor([1, 2, 3, 4]);
    const views = [x.clone(), x.reshape([2, 2]), x.expandDims(-1)];
    expect(ids()).to.equal(start + 1);
    x.dispose();
    expect(views.map((view) => view.shape)).to.deep.equal([[4], [2, 2], [4, 1]]);
    expect([...views[1]!.dataSync()]).to.deep.equal([1, 2, 3, 4]);
    tf.dispose(views);
    expect(ids()).to.equal(start);
  });

  it("does not compute what was disposed before it was needed", () => {
    const { numTensors } = tf.memory();
    const ids = ortBackend().numDataIds();
    const x = tf.tensor([1, 2]);
    const y = tf.tidy(() => x.exp().log().mul(2));
    const z = x.sub(1);
    y.dispose();
    expect([...z.dataSync()]).to.deep.equal([0, 1]);
    tf.dispose([x, z]);
    expect(tf.memory().numTensors).to.equal(numTensors);
    expect(ortBackend().numDataIds()).to.equal(ids);
  });

  it("moves tensors to and from the CPU backend", async () => {
    const here = tf.tidy(() => tf.tensor([1, 2]).mul(2));
    await tf.setBackend("cpu");
    const there = here.add(1);
    expect([...there.dataSync()]).to.deep.equal([3, 5]);
    await tf.setBackend("ort");
    const back = there.mul(here);
    expect([...back.dataSync()]).to.deep.equal([6, 20]);
    tf.dispose([here, there, back]);
  });

  it("assigns to variables", () => {
    const v = tf.tidy(() => tf.variable(tf.tensor([1, 2])));
    const old = v.clone();
    tf.tidy(() => v.assign(v.mul(3)));
    expect([...v.dataSync()]).to.deep.equal([3, 6]);
    expect([...old.dataSync()]).to.deep.equal([1, 2]);
    tf.dispose([v, old]);
  });

  it("trains with an optimizer of TF.js", () => {
    const w = tf.tidy(() => tf.variable(tf.tensor([0, 0])));
    const target = tf.tensor([1, -1]);
    const optimizer = tf.train.adam(0.1);
    const losses = Array.from({ length: 60 }, () => {
      const loss = optimizer.minimize(() => w.sub(target).square().sum().asScalar(), true)!;
      const value = loss.dataSync()[0]!;
      loss.dispose();
      return value;
    });
    expect(losses.at(-1)).to.be.below(losses[0]! / 100);
    optimizer.dispose();
    tf.dispose([w, target]);
  });

  describe("without a lowering", () => {
    it("runs TF.js's CPU kernel, counts and names it", async () => {
      const { report } = await useBackend("ort");
      const before = engineReport().fallbacks["Unique"] ?? 0;
      const x = tf.tensor([3, 1, 3]);
      const shifted = x.add(1);
      const { values, indices } = tf.unique(shifted);
      const more = values.mul(2);
      expect([...more.dataSync()]).to.deep.equal([8, 4]);
      expect([...indices.dataSync()]).to.deep.equal([0, 1, 0]);
      expect(engineReport().fallbacks["Unique"]).to.equal(before + 1);
      expect(report()).to.match(
        /^backend ort, 2 threads, kernels without a lowering: .*Unique \dx/,
      );
      tf.dispose([x, shifted, values, indices, more]);
    });

    it("takes strings", () => {
      const x = tf.tensor(["a", "b", "c", "d"]);
      const y = x.reshape([2, 2]);
      const z = tf.concat([y, y], 1);
      const equal = tf.tidy(() => tf.equal(y, tf.fill([2, 2], "b")));
      expect(z.arraySync()).to.deep.equal([
        ["a", "b", "a", "b"],
        ["c", "d", "c", "d"],
      ]);
      expect([...equal.dataSync()]).to.deep.equal([0, 1, 0, 0]);
      tf.dispose([x, y, z, equal]);
    });

    it("takes complex numbers", () => {
      const [a, parts] = tf.tidy(() => {
        const z = tf.complex([1, 2], [3, 4]);
        return [tf.mul(z, z), [tf.real(z), tf.imag(z), tf.abs(z)]] as const;
      });
      expect([...a.dataSync()]).to.deep.equal([-8, 6, -12, 16]);
      expect(parts.slice(0, 2).map((part) => [...part.dataSync()])).to.deep.equal([
        [1, 2],
        [3, 4],
      ]);
      tf.dispose([a, parts]);
    });

    it("takes lists among its inputs", () => {
      const inputs = {
        splits: tf.tensor1d([0, 1, 3], "int32"),
        values: tf.tensor1d([1, 2, 3]),
        indices: tf.tensor1d([1, 0], "int32"),
      };
      const ragged = tf.raggedGather([inputs.splits], inputs.values, inputs.indices, 1);
      expect([...ragged.outputNestedSplits[0]!.dataSync()]).to.deep.equal([0, 2, 3]);
      expect([...ragged.outputDenseValues.dataSync()]).to.deep.equal([2, 3, 1]);
      tf.dispose([inputs, ragged.outputNestedSplits, ragged.outputDenseValues]);
    });

    it("tells it the rank of its inputs", () => {
      const x = tf.ones([1, 2, 2, 1], "int32");
      const filter = tf.ones([1, 1, 1], "int32");
      const kernel = "Dilation2DBackpropInput";
      const attributes = { strides: 1, pad: "valid", dilations: 1 };
      const dx = tf.engine().runKernel<tf.Tensor>(kernel, { x, filter, dy: x }, attributes);
      expect([...dx.dataSync()]).to.deep.equal([1, 1, 1, 1]);
      tf.dispose([x, filter, dx]);
    });

    it("takes tensors without elements", () => {
      const [none, joined, sum] = tf.tidy(() => {
        const empty = tf.zeros([0, 3]);
        return [empty.add(1), tf.concat([empty, tf.ones([2, 3])]), empty.sum()];
      });
      expect(none!.shape).to.deep.equal([0, 3]);
      expect([...none!.dataSync()]).to.deep.equal([]);
      expect(joined!.shape).to.deep.equal([2, 3]);
      expect([...sum!.dataSync()]).to.deep.equal([0]);
      tf.dispose([none!, joined!, sum!]);
    });
  });

  it("takes the time of what it was asked for, not of what was pending", async () => {
    const x = tf.tensor([1, 2]);
    const earlier = x.exp();
    let later: tf.Tensor | undefined;
    const { built, reused } = engineReport().sessions;
    const { kernelMs } = await ortBackend().time(() => {
      later = x.sqrt();
    });
    const { sessions } = engineReport();
    expect(kernelMs).to.be.above(0);
    expect(sessions.built + sessions.reused).to.equal(built + reused + 2);
    tf.dispose([x, earlier, later!]);
  });

  it("refuses to expand an axis that there is not", () => {
    const x = tf.tensor([1, 2]);
    expect(() => x.expandDims(-3)).to.throw("Axis");
    x.dispose();
  });

  it("says which kernel ONNX Runtime refuses, and goes on", () => {
    const rows = tf.tensor([[1, 2]]);
    const index = tf.tidy(() => tf.square(tf.tensor([5], [1], "int32"))); // not known yet
    const gathered = tf.gather(rows, index);
    expect(() => gathered.dataSync()).to.throw(/Cannot run the graph: .*GatherV2/);
    expect(() => gathered.dataSync()).to.throw("the graph that computes it failed");
    expect(() => gathered.add(1)).to.throw("the graph that computes it failed");
    const sum = rows.sum();
    expect(sum.dataSync()[0]).to.equal(3);
    tf.dispose([rows, index, gathered, sum]);
  });
});
