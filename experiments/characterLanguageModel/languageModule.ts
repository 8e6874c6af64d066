import type * as tf from "@tensorflow/tfjs";
import { ops, type OptimizerConfig, type TrainingModule } from "seedbed";

import type { Transformer } from "./transformer.ts";

export interface LanguageModuleOptions {
  model: Transformer;
  optimizerConfig: OptimizerConfig;
}

/**
 * Trains a model to tell the next character.
 *
 * Batches hold `ids`, int32 `[batch, tokens + 1]`: all but the last are seen, all but the first
 * are told.
 */
export function languageModule({ model, optimizerConfig }: LanguageModuleOptions): TrainingModule {
  /** Mean cross entropy in nats. */
  function crossEntropy({ ids }: tf.NamedTensorMap): tf.Scalar {
    const [batch = 1, length = 1] = ids!.shape;
    const seen = ids!.slice([0, 0], [batch, length - 1]);
    const told = ids!.slice([0, 1], [batch, length - 1]);
    return ops.softmaxCrossEntropy(model.logits(seen), told).mean().asScalar();
  }
  return {
    trainableParameters: () => model.parameters,
    configureOptimizers: () => optimizerConfig,
    trainingStep: (batch) => ({ loss: crossEntropy(batch) }),
    validationStep: (batch) => ({
      "val/bitsPerCharacter": crossEntropy(batch).div(Math.LN2).asScalar(),
    }),
  };
}
