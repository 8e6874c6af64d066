import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { pointsOutside } from "../../../framework/backend/pointsOutside.ts";

describe("pointsOutside()", () => {
  const ofShape = (...shape: number[]): tf.TensorInfo => ({ dataId: {}, shape, dtype: "int32" });
  const check = (name: string, inputs: tf.NamedTensorInfoMap, values: number[] | undefined) =>
    pointsOutside(name, {
      inputs,
      attrs: { axis: 1, outputShape: [2, 3] },
      valuesOf: () => values && Int32Array.from(values),
    });

  it("holds each index against the length of its own axis", () => {
    const inputs = { sparseIndices: ofShape(2, 2) };
    expect(check("SparseToDense", inputs, [0, 2, 1, 0])).to.equal(false);
    expect(check("SparseToDense", inputs, [0, 2, 2, 0])).to.equal(true);
    expect(check("SparseToDense", inputs, [0, -1, 1, 0])).to.equal(true);
  });

  it("knows the axis of a gather, and that counts have no bound above", () => {
    const inputs = { x: ofShape(2, 5), indices: ofShape(1) };
    expect(check("GatherV2", inputs, [4])).to.equal(false);
    expect(check("GatherV2", inputs, [5])).to.equal(true);
    expect(check("Bincount", inputs, [1e9])).to.equal(false);
    expect(check("Bincount", inputs, [-1])).to.equal(true);
  });

  it("is false of values that are not known yet, and of other kernels", () => {
    expect(check("Bincount", { x: ofShape(1) }, undefined)).to.equal(false);
    expect(check("Add", { x: ofShape(1) }, [-1])).to.equal(false);
  });
});
