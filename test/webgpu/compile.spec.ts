import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";

import { engineReport, ortBackend, useBackend } from "../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../framework/base/compile.ts";
import type { DeviceReport } from "../../framework/runtime/device.ts";
import { memoryOf } from "../../framework/runtime/device.ts";
import { expectClose } from "../support/tensors.ts";

let compile: Compile;
const device = (): DeviceReport => engineReport("webgpu").device!;

/** The memory that a variable is in, or undefined if it is in the host's alone. */
function placeOf(variable: tf.Variable): string | undefined {
  const { deviceValue, array } = ortBackend("webgpu").entry(variable.dataId);
  return deviceValue && !array ? memoryOf(deviceValue) : undefined;
}

function variable(values: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values)));
}

describe("compile() on webgpu", () => {
  let live: DeviceReport;
  before(async () => {
    ({ compile } = await useBackend("webgpu", { threads: 2 }));
    live = device();
  });
  afterEach(() => {
    expect(device()).to.include({ tensors: live.tensors, bytes: live.bytes });
  });
  after(async () => {
    await tf.setBackend("cpu");
  });

  it("keeps variables on the device until somebody reads them", async () => {
    const w = variable([1, 2]);
    const step = compile(({ x }: { x: tf.Tensor }) => {
      w.assign(w.add(x));
      return { sum: w.sum() };
    });
    const start = device();
    const sums: number[] = [];
    const x = tf.tensor([1, 10]);
    for (let i = 0; i < 5; i++) {
      const { sum } = await step({ x });
      sums.push((await sum!.data())[0]!);
      sum!.dispose();
      expect(placeOf(w)).to.equal("WebGPU_Buf");
    }
    expect(sums).to.deep.equal([14, 25, 36, 47, 58]);
    const steps = device();
    expect([steps.uploads - start.uploads, steps.downloads - start.downloads]).to.deep.equal([
      1, 0,
    ]);
    expect([...(await w.data())]).to.deep.equal([6, 52]);
    expect([...w.dataSync()]).to.deep.equal([6, 52]);
    expect(device().downloads - start.downloads, "read twice, copied once").to.equal(1);
    step.dispose();
    tf.dispose([w, x]);
  });

  it("takes up what was assigned outside, and lets clones keep their values", async () => {
    const w = variable([1, 2]);
    const step = compile(() => {
      w.assign(w.mul(2));
      return {};
    });
    await step({});
    const doubled = w.clone();
    await step({});
    expect([...doubled.dataSync()]).to.deep.equal([2, 4]);
    expect([...w.dataSync()]).to.deep.equal([4, 8]);
    tf.tidy(() => w.assign(tf.tensor([5, 6])));
    await step({});
    expect([...w.dataSync()]).to.deep.equal([10, 12]);
    step.dispose();
    tf.dispose([w, doubled]);
  });

  it("shares variables between functions and with operations outside", async () => {
    const [a, b] = [variable([1, 2]), variable([3, 4])];
    const swap = compile(() => {
      const old = a.clone();
      a.assign(b);
      b.assign(old);
      return { a, b };
    });
    const product = compile(() => ({ product: a.mul(b) }));
    tf.dispose(await swap({}));
    await swap({}).then(({ a: one, b: two }) => {
      expect([...one.dataSync(), ...two.dataSync()]).to.deep.equal([1, 2, 3, 4]);
      tf.dispose([one, two]);
    });
    const outputs = await product({});
    expect([...outputs.product.dataSync()]).to.deep.equal([3, 8]);
    const eager = tf.tidy(() => a.add(b).square());
    expect([...eager.dataSync()]).to.deep.equal([16, 36]);
    swap.dispose();
    product.dispose();
    tf.dispose([outputs, eager, a, b]);
  });

  it("makes readers wait for a step, and tells those who cannot", async () => {
    const w = tf.tidy(() => tf.variable(tf.ones([256, 256])));
    const unused = variable([7]);
    const step = compile(() => {
      w.assign(tf.matMul(w, w).div(256));
      return {};
    });
    const touch = compile(() => {
      unused.assign(unused.add(1));
      return {};
    });
    await step({});
    await touch({});
    const running = step({});
    await new Promise((resolve) => setImmediate(resolve));
    for (const each of [w, unused]) {
      expect(() => each.dataSync()).to.throw("Cannot read a variable while a compiled function");
    }
    const mean = tf.tidy(() => w.add(1).mean());
    const values = await Promise.all([w.data(), mean.data(), unused.data()]);
    expect(values.map(([value]) => value)).to.deep.equal([1, 2, 8]);
    await running;
    step.dispose();
    touch.dispose();
    tf.dispose([w, unused, mean]);
  });

  it("captures tensors and disposes of a variable that is gone", async () => {
    const [w, c] = [variable([1, 2]), tf.tensor([10, 20])];
    const step = compile(() => {
      w.assign(w.add(c));
      return { mean: w.mean() };
    });
    tf.dispose(await step({}));
    c.dispose();
    tf.dispose(await step({}));
    expect([...w.dataSync()]).to.deep.equal([21, 42]);
    w.dispose();
    let message = "";
    await step({}).catch((error: unknown) => (message = String(error)));
    expect(message).to.include("was disposed");
    step.dispose();
  });

  it("has the values of variables that are gone for those who still need them", async () => {
    const w = variable([1, 2]);
    const step = compile(() => {
      w.assign(w.mul(2));
      return {};
    });
    await step({});
    const pending = w.add(1);
    const clone = w.clone();
    step.dispose();
    w.dispose();
    const square = compile(() => ({ y: clone.square() }));
    const { y } = await square({});
    expect([...y.dataSync()]).to.deep.equal([4, 16]);
    expect([...pending.dataSync()]).to.deep.equal([3, 5]);
    square.dispose();
    tf.dispose([pending, clone, y]);
    const other = variable([3]);
    const twice = compile(() => {
      other.assign(other.add(other));
      return {};
    });
    await twice({});
    const later = other.sub(1);
    other.dispose();
    expect([...later.dataSync()]).to.deep.equal([5]);
    twice.dispose();
    later.dispose();
  });

  it("gives the memory of functions and variables back", async () => {
    const cycle = async (): Promise<void> => {
      const w = tf.tidy(() => tf.variable(tf.zeros([2048, 2048])));
      const step = compile(() => {
        w.assign(w.add(1));
        return {};
      });
      await step({});
      step.dispose();
      w.dispose();
    };
    for (let i = 0; i < 5; i++) await cycle();
    const start = process.memoryUsage().rss;
    for (let i = 0; i < 20; i++) await cycle(); // 640 MB on the device in all
    expect(process.memoryUsage().rss - start).to.be.lessThan(200e6);
  });

  it("has int32, bool and several signatures", async () => {
    const count = tf.tidy(() => tf.variable(tf.scalar(0, "int32"), false));
    const above = compile(({ x }: { x: tf.Tensor }) => {
      count.assign(count.add(tf.scalar(1, "int32")));
      return { above: x.greater(0), twice: x.add(x) };
    });
    for (const values of [
      [1, -1],
      [2, 0, -3],
    ]) {
      const x = tf.tensor(values, [values.length], "int32");
      const outputs = await above({ x });
      expect([...outputs.above.dataSync()]).to.deep.equal(values.map((v) => (v > 0 ? 1 : 0)));
      expect([...outputs.twice.dataSync()]).to.deep.equal(values.map((v) => 2 * v));
      tf.dispose([x, outputs]);
    }
    expect([...count.dataSync()]).to.deep.equal([2]);
    above.dispose();
    count.dispose();
  });

  it("passes NaN on, and leaves to the CPU what the device lacks, which is reported", async () => {
    const questions = compile(({ x }: { x: tf.Tensor }) => ({
      step: x.step(),
      mean: x.mean(),
      isNaN: x.isNaN(),
    }));
    expect(engineReport("webgpu").operatorsOnCpu).to.deep.equal({});
    const x = tf.tensor([-1, NaN, 2]);
    const { step, mean, isNaN: found } = await questions({ x });
    expect([...step.dataSync()]).to.deep.equal([0, NaN, 1]);
    expect([...mean.dataSync()]).to.deep.equal([NaN]);
    expect([...found.dataSync()]).to.deep.equal([0, 1, 0]);
    expect(engineReport("webgpu").operatorsOnCpu).to.deep.equal({ IsNaN: 1 });
    questions.dispose();
    tf.dispose([x, step, mean, found]);
  });

  it("computes gradients of products and convolutions as the CPU does", async () => {
    const fn = ({ x, filter, weight }: Record<"x" | "filter" | "weight", tf.Tensor>) => {
      const loss = (): tf.Scalar => {
        const y = tf.conv2d(x.as4D(2, 6, 6, 3), filter.as4D(3, 3, 3, 4), 1, "same").relu();
        const rows = tf.softmax(tf.matMul(y.reshape([2, 36, 4]), weight, false, true));
        return tf.matMul(rows, rows, true).square().mean().asScalar();
      };
      const [dx, df, dw] = tf.grads((_x, _filter, _weight) => loss())([x, filter, weight]);
      return { loss: loss(), dx: dx!, df: df!, dw: dw! };
    };
    const noise = (shape: number[], seed: number): tf.Tensor =>
      tf.randomNormal(shape, 0, 1, "float32", seed);
    const inputs = {
      x: noise([2, 6, 6, 3], 1),
      filter: noise([3, 3, 3, 4], 2),
      weight: noise([2, 5, 4], 3),
    };
    const compiled = compile(fn);
    const before = engineReport("webgpu").operatorsOnCpu;
    const onDevice = await compiled(inputs);
    compiled.dispose();
    await tf.setBackend("cpu");
    const expected = await runEagerly(fn)(inputs);
    await tf.setBackend("webgpu");
    await expectClose(onDevice.loss, expected.loss);
    await expectClose(onDevice.dx, expected.dx);
    await expectClose(onDevice.df, expected.df);
    await expectClose(onDevice.dw, expected.dw);
    tf.dispose([inputs, onDevice, expected].flatMap((tensors) => Object.values(tensors)));
    expect(engineReport("webgpu").operatorsOnCpu).to.deep.equal(before);
  });
});
