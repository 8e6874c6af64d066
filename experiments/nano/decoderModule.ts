import * as tf from "@tensorflow/tfjs";
import {
  distillationLoss,
  ignoredLabel,
  nextTokens,
  ops,
  type Decoder,
  type DistillationOptions,
  type NamedVariables,
  type OptimizerConfig,
  type TrainingModule,
} from "seedbed";

export interface DecoderModuleOptions {
  model: Decoder;
  optimizerConfig: OptimizerConfig;
  /** What learns; default all of the model. */
  trained?: NamedVariables;
  /** Whom the model learns from, beside the labels. It is not trained. */
  teacher?: Decoder | undefined;
  distillation?: DistillationOptions;
}

/**
 * Trains a language model on rows of documents: to tell each token that counts from those before it
 * in its document, and to think of the others what its teacher thinks.
 *
 * Batches are those of `packedDataset`: `ids`, `labels`, `documents`, `positions`, int32
 * `[batch, tokens]`. Steps log the mean cross entropy in nats; of several documents it weighs tokens
 * alike, whatever document they are in.
 */
export function decoderModule({
  model,
  optimizerConfig,
  trained = model.parameters,
  teacher,
  distillation = {},
}: DecoderModuleOptions): TrainingModule {
  const frozen = new Map([
    ...[...model.parameters].filter(([name]) => !trained.has(name)),
    ...[...(teacher?.parameters ?? [])].map(([name, each]) => [`teacher.${name}`, each] as const),
  ]);
  return {
    trainableParameters: () => trained,
    frozenParameters: () => frozen,
    configureOptimizers: () => optimizerConfig,
    trainingStep(batch) {
      const labels = nextTokens(batch["labels"]!);
      const logits = logitsOf(model, batch);
      if (!teacher) return { loss: ops.meanSoftmaxCrossEntropy(logits, labels) };
      const { loss, divergence, crossEntropy } = distillationLoss(
        logits,
        logitsOf(teacher, batch),
        labels,
        distillation,
      );
      return { loss, divergence, crossEntropy };
    },
    validationStep(batch) {
      const labels = nextTokens(batch["labels"]!);
      const logits = logitsOf(model, batch);
      const isCounted = tf.notEqual(labels, tf.scalar(ignoredLabel, "int32"));
      const isRight = tf.equal(logits.argMax(-1), labels).logicalAnd(isCounted);
      const counted = isCounted.toFloat().sum().maximum(1);
      return {
        "val/loss": ops.meanSoftmaxCrossEntropy(logits, labels),
        "val/accuracy": isRight.toFloat().sum().div<tf.Scalar>(counted),
      };
    },
  };
}

function logitsOf(model: Decoder, { ids, positions, documents }: tf.NamedTensorMap): tf.Tensor3D {
  return model.forward({ ids: ids!, positions, bias: ops.documentBias(documents!) }).logits;
}
