import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import * as scatter from "../../../../framework/onnx/lowerings/scatter.ts";
import {
  bools,
  floats,
  ints,
  normal,
  onOrt,
  parityTests,
  refusalTests,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const update = (title: string, inputs: HostInput[]): Row => ({
  kernel: "TensorScatterUpdate",
  title,
  inputs,
  run: (x, indices, updates) => tf.tensorScatterUpdate(x!, indices!, updates!),
});

const updates: Row[] = [
  update("elements", [normal([5]), ints([4, 0], [2, 1]), normal([2], "u")]),
  update("rows", [normal([4, 3]), ints([2, 0], [2, 1]), normal([2, 3], "u")]),
  update("two axes of three", [normal([2, 3, 2]), ints([0, 1, 1, 2], [2, 2]), normal([2, 2], "u")]),
  update("the last of one place", [normal([3]), ints([1, 1, 1], [3, 1]), floats([5, 6, 7])]),
  update("int32", [ints([1, 2, 3]), ints([2], [1, 1]), ints([16_777_217])]),
  update("NaN", [floats([1, NaN, 3]), ints([2], [1, 1]), floats([NaN])]),
];

const dense = (
  title: string,
  [indices, values, missing]: HostInput[],
  shape: number[],
  rest: Partial<Row> = {},
): Row => ({
  kernel: "SparseToDense",
  title,
  inputs: [indices!, values!, missing!],
  run: (i, v, d) => tf.sparseToDense(i!, v!, shape, d!.asScalar()),
  ...rest,
});

const denses: Row[] = [
  dense("rank 1", [ints([0, 3]), floats([1, 2]), floats([9], [])], [5]),
  dense("rank 2", [ints([0, 1, 1, 2], [2, 2]), floats([1, 2]), floats([0], [])], [2, 3]),
  dense("one place", [ints([2], []), floats([7], []), floats([1], [])], [4]),
  dense("one value for all", [ints([2, 0]), floats([7], []), floats([1], [])], [4]),
  dense("the last of one place", [ints([2, 2]), floats([7, 8]), floats([1], [])], [4]),
  dense("int32", [ints([1, 2]), ints([16_777_217, 3]), ints([-1], [])], [3]),
  dense("bool", [ints([1]), bools([1]), bools([0], [])], [3]),
];

parityTests("scatter.ts", scatter, [...updates, ...denses]);

refusalTests("scatter.ts", {
  "an update of a place that there is not": () => tf.tensorScatterUpdate(tf.zeros([3]), [[3]], [1]),
  "an update of a negative place": () => tf.tensorScatterUpdate(tf.zeros([3]), [[-1]], [1]),
  "a place that there is not": () => tf.sparseToDense([3], [1], [3], 0),
  "a negative place": () => tf.sparseToDense([-1], [1], [3], 0),
});

describe("TensorScatterUpdate", () => {
  onOrt();
  for (const place of [-1, 3]) {
    it(`fails when it has run, of a place ${place} that it cannot know before`, () => {
      const updated = tf.tidy(() => {
        const places = tf.tensor2d([place], [1, 1], "int32").add(tf.scalar(0, "int32"));
        return tf.tensorScatterUpdate(tf.zeros([3]), places, tf.ones([1]));
      });
      expect(() => updated.dataSync()).to.throw("TensorScatterUpdate");
      updated.dispose();
    });
  }
});
