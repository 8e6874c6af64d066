import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { tensorDataset } from "../../../framework/data/tensorDataset.ts";

const random = new RandomStream(0, "unused");

describe("tensorDataset()", () => {
  it("has an example for each row, and copies", async () => {
    const tensors = {
      x: tf.tensor2d([1, 2, 3, 4], [2, 2]),
      y: tf.tensor1d([5, 6], "int32"),
      b: tf.tensor1d([false, true], "bool"),
    };
    const dataset = await tensorDataset(tensors);
    tf.dispose(tensors);
    expect(dataset.length).to.equal(2);
    expect(await dataset.get(1, random)).to.deep.equal({
      x: { shape: [2], values: Float32Array.of(3, 4) },
      y: { shape: [], values: Int32Array.of(6) },
      b: { shape: [], values: Int32Array.of(1) },
    });
  });

  it("refuses tensors of different lengths, and text", async () => {
    const tensors = { x: tf.zeros([2, 2]), y: tf.zeros([3]), text: tf.tensor1d(["a", "b"]) };
    const { x, y, text } = tensors;
    expect(await tensorDataset({ x: x!, y: y! }).catch(String)).to.include('"y" as in "x", got 3');
    expect(await tensorDataset({ x: x!, text: text! }).catch(String)).to.include("dtype string");
    tf.dispose(tensors);
  });
});
