import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import * as broadcastArgs from "../../../../framework/onnx/lowerings/broadcastArgs.ts";
import { ints, onOrt, parityTests, refusalTests, type Row } from "../../../support/parity.ts";

const cases = [
  [[3], [3]],
  [[1], [4]],
  [
    [2, 1, 5],
    [4, 1],
  ],
  [
    [1, 1],
    [7, 2, 3, 1],
  ],
  [
    [0, 3],
    [1, 1],
  ],
] as const;

const rows = cases.map(([a, b]): Row => ({
  kernel: "BroadcastArgs",
  title: `[${a.join()}] and [${b.join()}]`,
  inputs: [ints([...a]), ints([...b])],
  run: (s0, s1) => tf.broadcastArgs(s0!, s1!),
}));
parityTests("broadcastArgs.ts", broadcastArgs, rows);

refusalTests("broadcastArgs.ts", {
  "lengths that differ": () => tf.broadcastArgs([2, 1], [3, 4]),
  "lengths that differ, of another rank": () => tf.broadcastArgs([5, 3], [4]),
});

describe("BroadcastArgs", () => {
  onOrt();
  it("fails when it has run, of lengths that differ", () => {
    const shape = tf.tidy(() => {
      const three = tf.tensor1d([1], "int32").add(tf.scalar(2, "int32"));
      return tf.broadcastArgs(three, tf.tensor1d([2], "int32"));
    });
    expect(() => shape.dataSync()).to.throw("BroadcastArgs");
    shape.dispose();
  });
});
