import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { engineReport, useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { errorOf, valuesOf, variable } from "../../support/compiled.ts";
import { onOrt } from "../../support/parity.ts";

let compile: Compile;

describe("compile()", () => {
  onOrt();
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  it("takes a tensor that was reshaped, and shares its values with another shape", async () => {
    const transposed = compile(({ x }) => ({ y: x!.transpose() }));
    const x = tf.tensor1d([1, 2, 3, 4, 5, 6]);
    const [wide, tall] = [x.reshape([2, 3]), x.reshape([3, 2])];
    expect(await valuesOf(transposed, { x: wide })).to.deep.equal({ y: [1, 4, 2, 5, 3, 6] });
    expect(await valuesOf(transposed, { x: tall })).to.deep.equal({ y: [1, 3, 5, 2, 4, 6] });
    transposed.dispose();
    tf.dispose([x, wide, tall]);
  });

  describe("records once", () => {
    it("per signature, and replays with new values", async () => {
      let calls = 0;
      const square = compile(({ x }) => {
        calls++;
        return { y: x!.square() };
      });
      for (const value of [1, 2, 3]) {
        const x = tf.tensor([value, -value]);
        expect(await valuesOf(square, { x })).to.deep.equal({ y: [value ** 2, value ** 2] });
        x.dispose();
      }
      const wide = tf.tensor([1, 2, 3]);
      expect(await valuesOf(square, { x: wide })).to.deep.equal({ y: [1, 4, 9] });
      const integers = tf.tensor([3, 4], [2], "int32");
      expect(await valuesOf(square, { x: integers })).to.deep.equal({ y: [9, 16] });
      expect(calls).to.equal(3);
      square.dispose();
      tf.dispose([wide, integers]);
    });

    it("keeps eight signatures and forgets the least recently used", async () => {
      let calls = 0;
      const double = compile(({ x }) => {
        calls++;
        return { y: x!.mul(2) };
      });
      const call = async (length: number): Promise<void> => {
        const x = tf.ones([length]);
        await valuesOf(double, { x });
        x.dispose();
      };
      const live = engineReport().sessions.live;
      for (let length = 1; length <= 9; length++) await call(length);
      const compiled = engineReport().sessions.live - live;
      await call(9);
      await call(2);
      expect(calls).to.equal(9);
      await call(1);
      expect(calls).to.equal(10);
      expect(engineReport().sessions.live - live).to.equal(compiled);
      double.dispose();
    });

    it("and counts its runs and their time", async () => {
      const double = compile(({ x }) => ({ y: x!.mul(2) }));
      const x = tf.ones([29]);
      const before = engineReport().runs;
      for (let i = 0; i < 3; i++) await valuesOf(double, { x });
      const { count, milliseconds } = engineReport().runs;
      expect(count - before.count).to.equal(3);
      expect(milliseconds).to.be.above(before.milliseconds);
      x.dispose();
      double.dispose();
    });

    it("and frees its sessions on dispose, also while it runs", async () => {
      const double = compile(({ x }) => ({ y: x!.mul(2) }));
      const x = tf.ones([31]);
      await valuesOf(double, { x });
      const { live } = engineReport().sessions;
      double.dispose();
      expect(engineReport().sessions.live).to.equal(live - 1);
      const running = double({ x });
      double.dispose();
      const { y } = await running;
      expect([...y.dataSync()]).to.deep.equal(Array.from({ length: 31 }, () => 2));
      tf.dispose([x, y]);
    });
  });

  describe("refuses", () => {
    interface Case {
      title: string;
      fn: (x: tf.Tensor) => tf.NamedTensorMap;
      message: string;
      /** The stack shows the line of the function that did it. */
      line?: boolean;
    }
    const cases: Case[] = [
      {
        title: "to read a value, naming the line",
        fn: (x) => {
          x.square().dataSync();
          return {};
        },
        message: "Cannot read a tensor inside a compiled function",
        line: true,
      },
      {
        title: "a variable made inside",
        fn: (x) => ({ y: tf.variable(x.square()).add(1) }),
        message: "Cannot compile: the function made or disposed a variable",
      },
      {
        title: "a kernel that has no lowering",
        fn: (x) => ({ y: tf.unique(x).values }),
        message: 'Cannot compile graph: no lowering for kernel "Unique" of x float32 [2]',
        line: true,
      },
      {
        title: "an output of a type that ONNX Runtime does not compute",
        fn: () => ({ y: tf.tensor(["a"]) }),
        message: 'Cannot compile: "y" must be float32, int32 or bool, got string',
      },
    ];
    for (const { title, fn, message, line } of cases) {
      it(title, async () => {
        const x = tf.tensor([1, 2]);
        const compiled = compile((inputs) => fn(inputs["x"]!));
        const error = await errorOf(compiled({ x }));
        expect(error.message).to.contain(message);
        if (line) expect(error.stack).to.match(/at fn .*compile\.test\.ts/);
        const after = tf.tidy(() => [...x.add(1).dataSync()]);
        expect(after, "the backend goes on").to.deep.equal([2, 3]);
        x.dispose();
        compiled.dispose();
      });
    }

    it("a tensor that the function keeps", async () => {
      const kept: tf.Tensor[] = [];
      const compiled = compile(() => {
        const result = tf.ones([2, 3]).add(1);
        kept.push(tf.keep(result));
        return { result };
      });
      const { message } = await errorOf(compiled({}));
      expect(message).to.contain("kept a tensor of shape [2, 3] that it did not return");
      expect(() => kept[0]!.dataSync()).to.throw("that a compiled function made and kept");
      expect(() => kept[0]!.add(1)).to.throw("that a compiled function made and kept");
      tf.dispose(kept);
    });

    it("a call of another compiled function", async () => {
      const inner = compile(() => ({ y: tf.scalar(1).add(1) }));
      const outer = compile(() => {
        void inner({});
        return {};
      });
      const { message } = await errorOf(outer({}));
      expect(message).to.contain("Cannot call a compiled function inside another");
      outer.dispose();
      inner.dispose();
    });

    it("nothing of what an exception of the function leaves behind", async () => {
      const v = variable(() => tf.tensor([1, 2]));
      let fails = true;
      const step = compile(() => {
        v.assign(v.add(1));
        if (fails) throw new RangeError("of the user");
        return {};
      });
      const before = tf.memory().numTensors;
      expect(await errorOf(step({}))).to.be.instanceOf(RangeError);
      expect(tf.memory().numTensors).to.equal(before);
      expect([...v.dataSync()]).to.deep.equal([1, 2]);
      fails = false;
      await step({});
      expect([...v.dataSync()]).to.deep.equal([2, 3]);
      step.dispose();
      v.dispose();
    });
  });

  describe("runs", () => {
    it("one call after another, also of two functions that share a variable", async () => {
      const v = variable(() => tf.scalar(1));
      const add = compile(() => {
        v.assign(v.add(1));
        return { v };
      });
      const double = compile(() => {
        v.assign(v.mul(2));
        return { v };
      });
      const outputs = await Promise.all([add({}), double({}), add({}), double({}), double({})]);
      const values = outputs.map(({ v: value }) => value.dataSync()[0]);
      expect(values).to.deep.equal([2, 4, 5, 10, 20]);
      add.dispose();
      double.dispose();
      tf.dispose([v, ...outputs.map((output) => output.v)]);
    });

    it("with the inputs of the time of the call", async () => {
      const double = compile(({ x }) => ({ y: x!.mul(2) }));
      const results = [1, 2, 3].map((value) => {
        const x = tf.scalar(value);
        const result = double({ x });
        x.dispose();
        return result;
      });
      const outputs = await Promise.all(results);
      expect(outputs.map(({ y }) => y.dataSync()[0])).to.deep.equal([2, 4, 6]);
      double.dispose();
      tf.dispose(outputs.map(({ y }) => y));
    });

    it("beside the event loop, and lets nobody read half an update", async () => {
      const v = variable(() => tf.ones([300, 300]));
      const step = compile(() => {
        const product = [1, 2, 3, 4].reduce(
          (sum) => tf.matMul(sum, v).mul(1 / 300),
          v as tf.Tensor,
        );
        v.assign(v.add(product));
        return {};
      });
      await step({});
      let turns = 0;
      let running = true;
      const done = step({}).then(() => {
        running = false;
      });
      let refused = "";
      const earlier = v.mean();
      let during: tf.Tensor | undefined;
      while (running) {
        await new Promise((resolve) => setImmediate(resolve));
        turns++;
        if (turns !== 1) continue;
        during = v.mean();
        try {
          v.dataSync();
        } catch (error) {
          refused = String(error);
        }
      }
      await done;
      expect(turns).to.be.above(1);
      expect(refused).to.contain("Cannot read a variable while a compiled function updates it");
      expect((await earlier.data())[0]).to.be.closeTo(2, 1e-4);
      expect((await during!.data())[0]).to.be.closeTo(34, 1e-3);
      expect((await v.data())[0]).to.be.closeTo(34, 1e-3);
      step.dispose();
      tf.dispose([v, earlier, during!]);
    });

    it("with outputs that are inputs, constants, states or one another", async () => {
      const v = variable(() => tf.scalar(1));
      const step = compile(({ x }) => {
        const y = x!.add(1);
        const old = v.clone();
        v.assign(v.add(1));
        return { x: x!, y, same: y, constant: tf.scalar(7), old, v };
      });
      const x = tf.scalar(2);
      await valuesOf(step, { x });
      const outputs = await step({ x });
      await step({ x }).then((more) => tf.dispose(more));
      const values = Object.values(outputs).map((tensor) => tensor.dataSync()[0]);
      expect(values).to.deep.equal([2, 3, 3, 7, 2, 3]);
      step.dispose();
      tf.dispose([v, x, ...Object.values(outputs)]);
    });

    it("without leaking tensors or sessions", async () => {
      const v = variable(() => tf.ones([3]));
      const step = compile(({ x }) => {
        const { value, grads } = tf.variableGrads(() => v.mul(x!).square().sum().asScalar(), [v]);
        v.assign(v.sub(grads[v.name]!.mul(0.01)));
        return { loss: value };
      });
      const x = tf.tensor([1, 2, 3]);
      await valuesOf(step, { x });
      const { numTensors } = tf.memory();
      const { live } = engineReport().sessions;
      for (let i = 0; i < 20; i++) await valuesOf(step, { x });
      expect(tf.memory().numTensors).to.equal(numTensors);
      expect(engineReport().sessions.live).to.equal(live);
      step.dispose();
      tf.dispose([v, x]);
    });
  });
});
