import * as tf from "@tensorflow/tfjs";

import { meanSoftmaxCrossEntropy } from "../nn/ops/softmaxCrossEntropy.ts";
import type { Divergence } from "./divergences/divergence.ts";
import { forwardKl } from "./divergences/forwardKl.ts";
import { generalisedJensenShannon } from "./divergences/generalisedJensenShannon.ts";
import { reverseKl } from "./divergences/reverseKl.ts";
import { meanOverLabels } from "./meanOverLabels.ts";
import { pickLogits, type TopKLogits } from "./topKLogits.ts";

/** Names of the divergences, as a spec has them. */
export const divergenceNames = ["forwardKl", "reverseKl", "generalisedJensenShannon"] as const;

export type DivergenceName = (typeof divergenceNames)[number];

export interface DistillationOptions {
  divergence?: DivergenceName;
  /** Of `generalisedJensenShannon`. */
  beta?: number;
  /** Softens both distributions; the divergence counts for its square, as its gradients shrink by that. */
  temperature?: number;
  /** Share of the divergence in the loss; the rest is the labels' cross entropy. */
  teacherWeight?: number;
  /** Label of positions that are not learned from. */
  ignoreIndex?: number;
}

/** Scalars; `loss` is the one to minimise. */
export interface DistillationLoss {
  readonly loss: tf.Scalar;
  readonly divergence: tf.Scalar;
  readonly crossEntropy: tf.Scalar;
}

/**
 * What a student learns from: `a T^2 D(teacher, student) + (1 - a) CE(labels, student)`, means over
 * the positions that have a label.
 *
 * Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531, section 2.
 *
 * @param student logits, `[..., classes]`
 * @param teacher logits of the same shape, or the largest of them
 * @param labels int32 `[...]`, of these positions: nothing is shifted here
 * @param compared int32 `[...]`, a label at each position where the two are compared. Default: `labels`
 */
export function distillationLoss(
  student: tf.Tensor,
  teacher: tf.Tensor | TopKLogits,
  labels: tf.Tensor,
  options: DistillationOptions = {},
  compared: tf.Tensor = labels,
): DistillationLoss {
  const { temperature = 1, teacherWeight = 1, ignoreIndex = -100 } = options;
  const measure = divergenceOf(options);
  const isWhole = teacher instanceof tf.Tensor;
  return tf.tidy(() => {
    const picked = isWhole ? student : pickLogits(student, teacher.indices);
    const values = measure(picked, isWhole ? teacher : teacher.values, temperature);
    const mean = meanOverLabels(values, compared, ignoreIndex);
    const divergence = mean.mul<tf.Scalar>(temperature ** 2);
    const crossEntropy = meanSoftmaxCrossEntropy(student, labels, { ignoreIndex });
    const loss = divergence.mul(teacherWeight).add<tf.Scalar>(crossEntropy.mul(1 - teacherWeight));
    return { loss, divergence, crossEntropy };
  });
}

/** @param beta is asked for by one of them only */
function divergenceOf({ divergence = "forwardKl", beta = 0.5 }: DistillationOptions): Divergence {
  switch (divergence) {
    case "forwardKl":
      return forwardKl;
    case "reverseKl":
      return reverseKl;
    case "generalisedJensenShannon":
      return generalisedJensenShannon(beta);
    default:
      return divergence satisfies never;
  }
}
