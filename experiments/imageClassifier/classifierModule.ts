import type * as tf from "@tensorflow/tfjs";
import { ops, type OptimizerConfig, type TrainingModule } from "seedbed";

import type { Classifier } from "./classifier.ts";

export interface ClassifierModuleOptions {
  classifier: Classifier;
  optimizerConfig: OptimizerConfig;
}

/**
 * Trains a classifier by cross entropy.
 *
 * Batches hold `image [batch, 3, height, width]` in [-1, 1] and `label`, int32 `[batch]`.
 */
export function classifierModule({
  classifier,
  optimizerConfig,
}: ClassifierModuleOptions): TrainingModule {
  function measure({ image, label }: tf.NamedTensorMap, training: boolean) {
    const logits = classifier.logits(image!, training);
    const loss = ops.softmaxCrossEntropy(logits, label!).mean().asScalar();
    const accuracy = logits.argMax(-1).equal(label!).mean().asScalar();
    return { loss, accuracy };
  }

  return {
    trainableParameters: () => classifier.parameters,
    otherState: () => classifier.statistics,
    configureOptimizers: () => optimizerConfig,
    trainingStep: (batch) => measure(batch, true),
    validationStep(batch) {
      const { loss, accuracy } = measure(batch, false);
      return { "val/loss": loss, "val/accuracy": accuracy };
    },
    predictStep: ({ image, label }) => ({
      image: image!,
      label: label!,
      predicted: classifier.logits(image!, false).argMax(-1),
    }),
  };
}
