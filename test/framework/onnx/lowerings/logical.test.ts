import * as tf from "@tensorflow/tfjs";

import * as logical from "../../../../framework/onnx/lowerings/logical.ts";
import { bools, floats, ints, normal, parityTests, type Row } from "../../../support/parity.ts";

type Pair = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const comparisons: Record<string, Pair> = {
  Equal: tf.equal,
  NotEqual: tf.notEqual,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
};
const special = [NaN, Infinity, -Infinity, 0, -0, 1];

const rows: Row[] = Object.entries(comparisons).flatMap(([kernel, compare]): Row[] => {
  const run = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => compare(a, b);
  // Comparisons have no gradient worth the name: TF.js registers zeros for one of them.
  const row = (title: string, inputs: Row["inputs"]): Row => ({
    kernel,
    title,
    inputs,
    run: (a, b) => run(a!, b!),
    gradient: false,
  });
  return [
    row("int32 that broadcast", [ints([1, 2, 3], [3, 1]), ints([3, 2, 1, 0])]),
    row("float32 of ranks 5 and 0", [normal([1, 2, 1, 3, 1]), floats([0], [])]),
    row("NaN, infinities and zeros", [floats(special, [6, 1]), floats(special)]),
    row("float32 and int32", [floats([1, 2.5, 3]), ints([1, 2, 3])]),
  ];
});

for (const [kernel, run] of Object.entries({
  LogicalAnd: tf.logicalAnd,
  LogicalOr: tf.logicalOr,
})) {
  rows.push({
    kernel,
    title: "bool that broadcast",
    inputs: [bools([0, 1], [2, 1]), bools([0, 1, 1])],
    run: (a, b) => run(a!, b!),
  });
}

rows.push(
  {
    kernel: "Equal",
    title: "bool",
    inputs: [bools([0, 1, 1]), bools([0, 0, 1])],
    run: (a, b) => tf.equal(a!, b!),
  },
  {
    kernel: "NotEqual",
    title: "bool",
    inputs: [bools([0, 1, 1]), bools([0, 0, 1])],
    run: (a, b) => tf.notEqual(a!, b!),
  },
  {
    kernel: "Less",
    title: "bool",
    inputs: [bools([0, 1, 1]), bools([0, 0, 1])],
    run: (a, b) => tf.less(a!, b!),
    fallback: true,
  },
  {
    kernel: "LogicalNot",
    title: "bool",
    inputs: [bools([0, 1, 1, 0], [2, 2])],
    run: (x) => tf.logicalNot(x!),
  },
  {
    kernel: "Select",
    title: "element by element",
    inputs: [bools([0, 1, 1, 0], [2, 2]), normal([2, 2], "t"), normal([2, 2], "e")],
    run: (c, t, e) => tf.where(c!, t!, e!),
  },
  {
    kernel: "Select",
    title: "all three broadcast",
    inputs: [bools([0, 1, 1], [3, 1]), normal([2, 1, 4], "t"), normal([], "e")],
    run: (c, t, e) => tf.where(c!, t!, e!),
  },
  {
    kernel: "Select",
    title: "int32",
    inputs: [bools([0, 1, 1]), ints([1, 2, 3]), ints([4, 5, 6])],
    run: (c, t, e) => tf.where(c!, t!, e!),
  },
  {
    kernel: "Select",
    title: "NaN that is not chosen",
    inputs: [bools([0, 1]), floats([NaN, 1]), floats([2, Infinity])],
    run: (c, t, e) => tf.where(c!, t!, e!),
  },
);

parityTests("logical.ts", logical, rows);
