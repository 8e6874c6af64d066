/**
 * @file Second gradients of TF.js's functions whose gradient is a function of their output.
 *
 * TF.js saves the output before it puts the function itself on the tape, so that the gradient of
 * the gradient does not pass through it: of `exp` there is none, of `x * sigmoid(x)` a wrong one.
 * While a tape records, these gradients therefore compute the output anew.
 */
import * as tf from "@tensorflow/tfjs";

import { isTaped } from "./kernels.ts";

interface SavedOutput {
  kernelName: string;
  input: string;
  output: (x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor;
}

const functions: readonly SavedOutput[] = [
  { kernelName: "Exp", input: "x", output: tf.exp },
  { kernelName: "Sigmoid", input: "x", output: tf.sigmoid },
  { kernelName: "Tanh", input: "x", output: tf.tanh },
  {
    kernelName: "Softmax",
    input: "logits",
    output: (x, { dim }) => tf.softmax(x, Number(dim)),
  },
];

for (const { kernelName, input, output } of functions) {
  const { gradFunc } = tf.getGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: [input],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attributes) =>
      gradFunc(dy, [isTaped() ? output(x!, attributes) : y!], attributes),
  });
}
