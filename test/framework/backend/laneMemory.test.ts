import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, before, beforeEach, describe, it } from "mocha";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { reclaimMemory } from "../../../framework/runtime/reclaimMemory.ts";
import { variable } from "../../support/compiled.ts";
import { onOrt } from "../../support/parity.ts";

let compile: Compile;

describe("LaneMemory", () => {
  onOrt();
  before(async () => {
    ({ compile } = await useBackend("ort", { threads: 2 }));
  });

  function testUpdates(shapes: number[][]): void {
    const start = (shape: number[], from: number): tf.Tensor =>
      tf.tidy(() => tf.range(from, from + tf.util.sizeFromShape(shape)).reshape(shape));
    const all = (variables: readonly tf.Tensor[]): number[][] =>
      variables.map((each) => [...each.dataSync()]);
    let weights: tf.Variable[];
    let averages: tf.Variable[];
    beforeEach(() => {
      weights = shapes.map((shape) => variable(() => start(shape, 1)));
      averages = shapes.map((shape) => variable(() => tf.zeros(shape)));
    });
    afterEach(() => {
      tf.dispose([weights, averages]);
    });

    /** Each weight halves. */
    function descent(): ReturnType<Compile> {
      return compile(({ rate }) => {
        const { grads } = tf.variableGrads(
          () => tf.addN(weights.map((weight) => weight.square().sum())).asScalar(),
          weights,
        );
        for (const weight of weights) {
          weight.assign(weight.sub(grads[weight.name]!.mul(rate!)));
        }
        return {};
      });
    }

    /** Each average becomes the mean of itself and its weight. */
    function averaging(): ReturnType<Compile> {
      return compile(({ share }) => {
        for (const [i, average] of averages.entries()) {
          average.assign(average.mul(share!).add(weights[i]!.mul(tf.sub(1, share!))));
        }
        return {};
      });
    }

    const expected = (factor: number): number[][] =>
      shapes.map((shape) =>
        Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i + 1) * factor),
      );

    it("are updated at once, by two functions in turn", async () => {
      const [descend, average] = [descent(), averaging()];
      const [rate, share] = [tf.scalar(0.25), tf.scalar(0.5)];
      let mean = 0;
      for (let step = 1; step <= 4; step++) {
        await descend({ rate });
        await average({ share });
        mean = (mean + 0.5 ** step) / 2;
        expect(all(weights)).to.deep.equal(expected(0.5 ** step));
        expect(all(averages)).to.deep.equal(expected(mean));
      }
      descend.dispose();
      average.dispose();
      tf.dispose([rate, share]);
    });

    it("leave old values to clones, also after an assignment", async () => {
      const descend = descent();
      const rate = tf.scalar(0.25);
      await descend({ rate });
      const clones = weights.map((weight) => weight.clone());
      await descend({ rate });
      expect(all(clones)).to.deep.equal(expected(0.5));
      const more = weights.map((weight) => weight.clone());
      for (const [i, weight] of weights.entries()) {
        const fresh = start(shapes[i]!, 1);
        weight.assign(fresh);
        fresh.dispose();
      }
      await descend({ rate });
      expect(all(more)).to.deep.equal(expected(0.25));
      expect(all(weights)).to.deep.equal(expected(0.5));
      descend.dispose();
      tf.dispose([rate, clones, more]);
    });

    it("may be exchanged between two updates", async () => {
      const [descend, average] = [descent(), averaging()];
      const [rate, share] = [tf.scalar(0.25), tf.scalar(0)];
      const exchange = (): void => {
        for (const [i, weight] of weights.entries()) {
          const kept = weight.clone();
          weight.assign(averages[i]!.clone());
          averages[i]!.assign(kept);
        }
      };
      await average({ share }); // averages 1, weights 1
      await descend({ rate }); // weights 1/2
      tf.tidy(exchange); // averages 1/2, weights 1
      await descend({ rate });
      await descend({ rate }); // weights 1/4
      expect(all(averages)).to.deep.equal(expected(0.5));
      expect(all(weights)).to.deep.equal(expected(0.25));
      tf.tidy(exchange);
      await average({ share });
      expect(all(weights)).to.deep.equal(expected(0.5));
      expect(all(averages)).to.deep.equal(expected(0.5));
      descend.dispose();
      average.dispose();
      tf.dispose([rate, share]);
    });
  }

  describe("of small variables that are updated alike", () =>
    testUpdates([[3], [2, 2], [1], [17], [4, 1, 1]]));

  describe("of large ones, whose updates are compiled to WebAssembly", () =>
    testUpdates([[40_000], [3, 5], [150, 200]]));

  it("gives back the memory that large variables leave when they are moved together", async () => {
    const length = 3e6;
    const weights = [variable(() => tf.ones([length])), variable(() => tf.ones([length]))];
    const descend = compile(({ rate }) => {
      const { grads } = tf.variableGrads(
        () => tf.addN(weights.map((weight) => weight.square().sum())).asScalar(),
        weights,
      );
      for (const weight of weights) weight.assign(weight.sub(grads[weight.name]!.mul(rate!)));
      return {};
    });
    const rate = tf.scalar(0.25);
    for (const weight of weights) weight.dataSync();
    reclaimMemory();
    const before = process.memoryUsage().arrayBuffers;
    await descend({ rate });
    const grownBytes = process.memoryUsage().arrayBuffers - before;
    // What the weights left is not there any more: these and their gradients are in memory that is
    // shared with threads, which is not counted, and ones to multiply by are not made.
    expect(grownBytes / (2 * length * 4)).to.be.closeTo(-1, 0.1);
    expect(weights.map((weight) => weight.dataSync()[length - 1])).to.deep.equal([0.5, 0.5]);
    descend.dispose();
    tf.dispose([rate, weights]);
  });
});
