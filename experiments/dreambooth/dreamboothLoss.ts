import type * as tf from "@tensorflow/tfjs";
import type { StepOutput } from "seedbed";

/**
 * DreamBooth's loss: the subject's plus `priorWeight` times the class's. The first `subjects`
 * examples of a batch show the subject, the others the class.
 *
 * Source: Ruiz et al. 2022, arXiv:2208.12242, eq. 2.
 *
 * @param losses of each example, `[batch]`
 */
export function dreamboothLoss(
  losses: tf.Tensor1D,
  subjects: number,
  priorWeight: number,
): StepOutput {
  const lossInstance = losses.slice(0, subjects).mean().asScalar();
  if (losses.size === subjects) return { loss: lossInstance, lossInstance };
  const lossPrior = losses.slice(subjects).mean().asScalar();
  return { loss: lossInstance.add(lossPrior.mul(priorWeight)), lossInstance, lossPrior };
}
