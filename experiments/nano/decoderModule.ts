import * as tf from "@tensorflow/tfjs";
import {
  distillationLoss,
  ignoredLabel,
  nextTokens,
  ops,
  topKLogits,
  type Decoder,
  type DistillationOptions,
  type NamedVariables,
  type OptimizerConfig,
  type TopKLogits,
  type TrainingModule,
} from "seedbed";

import type { OnPolicyBatches } from "./distillation/onPolicy.ts";
import { promptLoss } from "./promptLoss.ts";

export interface DecoderModuleOptions {
  model: Decoder;
  optimizerConfig: OptimizerConfig;
  /** What learns; default all of the model. */
  trained?: NamedVariables;
  /** Weight of tokens that are only seen; not beside a teacher. Default 0. */
  promptWeight?: number;
  /** Whom the model learns from, beside the labels. It is not trained. */
  teacher?: Decoder | undefined;
  /** `topK` compares the teacher's largest logits alone. */
  distillation?: DistillationOptions & { topK?: number | null };
  /** Has the model learn from what it says itself. */
  onPolicy?: OnPolicyBatches | undefined;
}

/**
 * Trains a language model on rows of documents: to tell each token that counts from those before it
 * in its document, and to think of the others what its teacher thinks.
 *
 * Batches are those of `packedDataset`: `ids`, `labels`, `documents`, `positions`, int32
 * `[batch, tokens]`. Steps log the mean cross entropy in nats; of several documents it weighs tokens
 * alike, whatever document they are in. With a `promptWeight` their loss is the weighted one, and
 * `crossEntropy` that of tokens that count.
 *
 * A batch may have `compared`, labels at the tokens where the two are compared, and the teacher's
 * largest logits: `teacherValues` and `teacherIndices`, `[batch, tokens, k]`.
 *
 * @throws {RangeError} when tokens that are only seen have a weight beside a teacher
 */
export function decoderModule({
  model,
  optimizerConfig,
  trained = model.parameters,
  promptWeight = 0,
  teacher,
  distillation = {},
  onPolicy,
}: DecoderModuleOptions): TrainingModule {
  if (promptWeight > 0 && (teacher || onPolicy)) {
    throw new RangeError(
      `Cannot train: expected no weight of tokens that are only seen beside a teacher, got promptWeight ${promptWeight}`,
    );
  }
  const frozen = new Map([
    ...[...model.parameters].filter(([name]) => !trained.has(name)),
    ...[...(teacher?.parameters ?? [])].map(([name, each]) => [`teacher.${name}`, each] as const),
  ]);
  return {
    trainableParameters: () => trained,
    frozenParameters: () => frozen,
    configureOptimizers: () => optimizerConfig,
    ...(onPolicy && {
      preparesWithParameters: true,
      prepareBatch: (batch, random, stage) =>
        stage === "train" ? onPolicy.prepare(batch, random) : batch,
      teardown: () => onPolicy.dispose(),
    }),
    trainingStep(batch) {
      const logits = logitsOf(model, batch);
      if (promptWeight > 0) return { ...promptLoss(logits, batch, promptWeight) };
      const labels = nextTokens(batch["labels"]!);
      const taught = teacherLogits(batch, teacher, distillation.topK);
      if (!taught) return { loss: ops.meanSoftmaxCrossEntropy(logits, labels) };
      const compared = batch["compared"] ? nextTokens(batch["compared"]) : labels;
      return { ...distillationLoss(logits, taught, labels, distillation, compared) };
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

/** What the teacher thinks: as it was stored, or now; undefined where there is none. */
function teacherLogits(
  batch: tf.NamedTensorMap,
  teacher: Decoder | undefined,
  topK: number | null = null,
): tf.Tensor | TopKLogits | undefined {
  const { teacherValues: values, teacherIndices: indices } = batch;
  if (values && indices) return { values, indices };
  if (!teacher) return undefined;
  const logits = logitsOf(teacher, batch);
  return topK === null ? logits : topKLogits(logits, topK);
}

export function logitsOf(
  model: Decoder,
  { ids, positions, documents }: tf.NamedTensorMap,
): tf.Tensor3D {
  return model.forward({ ids: ids!, positions, bias: ops.documentBias(documents!) }).logits;
}
