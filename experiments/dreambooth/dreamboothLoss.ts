import type * as tf from "@tensorflow/tfjs";
import type { StepOutput } from "seedbed";

import type { DiffusionModuleOptions } from "../textToImage/diffusionModule.ts";
import type { DreamboothSettings } from "./settings.ts";

/** How a batch of subject and class examples becomes one loss. */
export function pairing({
  loss: { pairing: kind, priorWeight },
  data: { batchSize },
}: Pick<DreamboothSettings, "loss" | "data">): Required<
  Pick<DiffusionModuleOptions, "passes" | "combine">
> {
  const isApart = kind === "twoPass" && priorWeight > 0;
  const subjects = isApart ? 1 : batchSize; // a pass is one mean
  return {
    passes: isApart ? 2 : 1,
    combine: (losses) => dreamboothLoss(losses, subjects, priorWeight),
  };
}

/**
 * DreamBooth's loss: the subject's plus `priorWeight` times the class's. The first `subjects`
 * examples of a batch show the subject, the others the class.
 *
 * Source: Ruiz et al. 2022, arXiv:2208.12242, eq. 2.
 *
 * @param losses of each example, `[batch]`, or means of them
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
