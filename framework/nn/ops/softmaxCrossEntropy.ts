import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

export interface SoftmaxCrossEntropyOptions {
  /** Label whose position counts for nothing. Default -100, as in PyTorch. */
  ignoreIndex?: number;
}

const defaultIgnoreIndex = -100;

/**
 * Cross entropy of each position: `log(sum(exp(logits))) - logits[label]`, 0 where the label is
 * `ignoreIndex`, NaN where it is no class.
 *
 * Kernel `SeedbedSoftmaxCrossEntropy`: `{logits, labels}`, `{ignoreIndex}` to `losses`.
 *
 * @param logits `[..., classes]`, of any size: the largest is subtracted first
 * @param labels int32 `[...]`
 * @returns `[...]`
 * @throws {RangeError} when the labels' shape is not that of the logits without classes
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { ignoreIndex = defaultIgnoreIndex }: SoftmaxCrossEntropyOptions = {},
): tf.Tensor {
  if (!tf.util.arraysEqual(logits.shape.slice(0, -1), labels.shape)) {
    throw new RangeError(
      `Cannot compute cross entropy: expected a label for each row of logits, got [${logits.shape.join(", ")}] and labels [${labels.shape.join(", ")}]`,
    );
  }
  return (
    runKernel<tf.Tensor>("SeedbedSoftmaxCrossEntropy", { logits, labels }, { ignoreIndex }) ??
    tf.tidy(() => compose(logits, labels, ignoreIndex))
  );
}

/** With the gradient of this file: that of TF.js's logSoftmax cannot be differentiated again. */
function compose(logits: tf.Tensor, labels: tf.Tensor, ignoreIndex: number): tf.Tensor {
  const crossEntropy = tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([logits, labels]);
    const picked = tf.where(hits(logits, labels), tf.logSoftmax(logits), 0).sum(-1);
    return {
      value: maskLabels(picked.neg(), logits, labels, ignoreIndex),
      gradFunc: (dy, [savedLogits, savedLabels]) =>
        softmaxCrossEntropyGradientReference(dy, savedLogits!, savedLabels!, ignoreIndex),
    };
  });
  return crossEntropy(logits);
}

/**
 * Mean of {@link softmaxCrossEntropy} over the labels that count; 0 when none does.
 *
 * @returns a scalar
 */
export function meanSoftmaxCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { ignoreIndex = defaultIgnoreIndex }: SoftmaxCrossEntropyOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const counted = tf.notEqual(labels, tf.scalar(ignoreIndex, "int32")).toFloat().sum();
    const losses = softmaxCrossEntropy(logits, labels, { ignoreIndex });
    return losses.sum().div<tf.Scalar>(counted.maximum(1));
  });
}

/** True at the label of each row: bool `[..., classes]`. */
function hits(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.oneHot(labels.toInt(), logits.shape.at(-1) ?? 1).toBool();
}

/** `values` where the label is a class, 0 where it is ignored, else NaN. */
function maskLabels(
  values: tf.Tensor,
  logits: tf.Tensor,
  labels: tf.Tensor,
  ignoreIndex: number,
): tf.Tensor {
  const classes = logits.shape.at(-1) ?? 1;
  const isClass = labels.greaterEqual(0).logicalAnd(labels.less(classes));
  const counted = labels.notEqual(tf.scalar(ignoreIndex, "int32"));
  return tf.where(counted, tf.where(isClass, values, NaN), 0);
}

/**
 * Gradient of {@link softmaxCrossEntropy} by the logits: `dy * (softmax(logits) - oneHot(labels))`.
 *
 * Kernel `SeedbedSoftmaxCrossEntropyGradient`: `{dy, logits, labels}`, `{ignoreIndex}` to
 * `dlogits`. It makes the probabilities anew: they are as large as the logits.
 */
export function softmaxCrossEntropyGradient(
  dy: tf.Tensor,
  logits: tf.Tensor,
  labels: tf.Tensor,
  ignoreIndex: number,
): tf.Tensor {
  return (
    runGradientKernel<tf.Tensor>(
      "SeedbedSoftmaxCrossEntropyGradient",
      { dy, logits, labels },
      { ignoreIndex },
    ) ?? softmaxCrossEntropyGradientReference(dy, logits, labels, ignoreIndex)
  );
}

export function softmaxCrossEntropyGradientReference(
  dy: tf.Tensor,
  logits: tf.Tensor,
  labels: tf.Tensor,
  ignoreIndex: number,
): tf.Tensor {
  return tf.tidy(() => {
    const weight = maskLabels(dy, logits, labels, ignoreIndex).expandDims(-1);
    return tf.softmax(logits).sub(hits(logits, labels).toFloat()).mul(weight);
  });
}

tf.registerGradient({
  kernelName: "SeedbedSoftmaxCrossEntropy",
  inputsToSave: ["logits", "labels"],
  gradFunc: (dy, [logits, labels], attributes) => ({
    logits: () =>
      softmaxCrossEntropyGradient(
        firstGradient(dy),
        logits!,
        labels!,
        Number(attributes["ignoreIndex"]),
      ),
  }),
});
