/**
 * @file Second gradients of TF.js's functions whose gradient is a function of their output.
 *
 * TF.js saves the output before it puts the function itself on the tape, so that the gradient of
 * the gradient does not pass through it: of `exp` there is none, of `x * sigmoid(x)` a wrong one.
 * While a tape records, these gradients therefore compute the output anew.
 */
import * as tf from "@tensorflow/tfjs";

import { firstGradient, isTaped } from "./kernels.ts";

interface SavedOutput {
  kernelName: string;
  input: string;
  output: (x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor;
  gradient: (dy: tf.Tensor, y: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor;
}

const functions: readonly SavedOutput[] = [
  { kernelName: "Exp", input: "x", output: tf.exp, gradient: (dy, y) => dy.mul(y) },
  {
    kernelName: "Sigmoid",
    input: "x",
    output: tf.sigmoid,
    gradient: (dy, y) => dy.mul(y.mul(tf.sub(1, y))),
  },
  {
    kernelName: "Tanh",
    input: "x",
    output: tf.tanh,
    gradient: (dy, y) => dy.mul(tf.sub(1, y.square())),
  },
  {
    kernelName: "Softmax",
    input: "logits",
    output: (x, { dim }) => tf.softmax(x, Number(dim)),
    gradient(dy, y, { dim }) {
      const weighted = dy.mul(y);
      return weighted.sub(weighted.sum(Number(dim), true).mul(y));
    },
  },
];

// Written out rather than wrapped around TF.js's own, so that registering twice changes nothing.
for (const { kernelName, input, output, gradient } of functions) {
  tf.registerGradient({
    kernelName,
    inputsToSave: [input],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attributes) => ({
      [input]: () =>
        gradient(firstGradient(dy), isTaped() ? output(x!, attributes) : y!, attributes),
    }),
  });
}
