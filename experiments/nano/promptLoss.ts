import * as tf from "@tensorflow/tfjs";
import { ignoredLabel, nextTokens, ops } from "seedbed";

/** Scalars; `loss` is the one to minimise. */
export interface PromptLoss {
  readonly loss: tf.Scalar;
  /** Of the labels alone, in nats a token. */
  readonly crossEntropy: tf.Scalar;
}

/**
 * Mean cross entropy over all tokens of a batch of `packedDataset` but each document's first, where
 * those that are only seen weigh less than those that have a label. Of a dialogue with functions four
 * fifths are only seen; they repeat each other, and who learns them learns to copy.
 *
 * @param logits `[batch, tokens, classes]`
 * @param batch `ids`, `labels`, `documents`, `positions`, int32 `[batch, tokens]`
 * @param promptWeight from 0, labels alone, to 1, all alike
 */
export function promptLoss(
  logits: tf.Tensor3D,
  { ids, labels, documents, positions }: tf.NamedTensorMap,
  promptWeight: number,
): PromptLoss {
  return tf.tidy(() => {
    const follows = positions!.greater(0).logicalAnd(documents!.greater(0));
    const all = nextTokens(tf.where(follows, ids!, tf.scalar(ignoredLabel, "int32")));
    const losses = ops.softmaxCrossEntropy(logits, all);
    const isLearnt = isLabel(nextTokens(labels!));
    const learnt = isLearnt.toFloat();
    const weights = tf.where(isLearnt, learnt, isLabel(all).toFloat().mul(promptWeight));
    return { loss: weightedMean(losses, weights), crossEntropy: weightedMean(losses, learnt) };
  });
}

const isLabel = (labels: tf.Tensor): tf.Tensor => labels.notEqual(tf.scalar(ignoredLabel, "int32"));

/** 0 where nothing weighs anything. */
function weightedMean(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const sum = weights.sum();
  return tf.where(sum.greater(0), values.mul(weights).sum().div(sum.maximum(1e-6)), 0).asScalar();
}
