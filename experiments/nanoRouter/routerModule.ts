import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  ParameterScope,
  type Example,
  type OptimizerConfig,
  type TrainingModule,
  requestFeatures,
} from "seedbed";

import type { AnsweredPair } from "./pairs.ts";

/** Weights of a logistic regression, as they are trained. */
export interface RouterParameters {
  readonly parameters: Map<string, tf.Variable>;
  dispose(): void;
}

/** All 0: nothing is known of any request. */
export function routerParameters(features: number): RouterParameters {
  const root = new ParameterScope({ seed: 0 });
  root.parameter("weight", [features], (_, size) => new Float32Array(size));
  root.parameter("bias", [1], (_, size) => new Float32Array(size));
  const { parameters } = root;
  return { parameters, dispose: () => tf.dispose([...parameters.values()]) };
}

/**
 * A request and how much the strong model's answer is better, from 0 to 1: `features [features]`,
 * `label []`. An answer that is worth no more is not worth its price.
 */
export function exampleOf({ request, weak, strong }: AnsweredPair, buckets: number): Example {
  const features = requestFeatures(request, buckets);
  const label = Math.max(0, strong.score - weak.score);
  return {
    features: hostTensor(features, [features.length]),
    label: hostTensor(Float32Array.of(label), []),
  };
}

/**
 * Trains P(the strong model is needed | request) by binary cross entropy, in nats.
 *
 * Batches: `features [batch, features]`, `label [batch]`.
 */
export function routerModule(
  { parameters }: RouterParameters,
  optimizerConfig: OptimizerConfig,
): TrainingModule {
  function lossOf({ features, label }: tf.NamedTensorMap): tf.Scalar {
    const weight = parameters.get("weight")!;
    const logits = features!.mul(weight).sum(-1).add(parameters.get("bias")!);
    // log(1 + e^x) - label x, without e to a large number
    const soft = logits.relu().add(logits.abs().neg().exp().log1p());
    return soft.sub(logits.mul(label!)).mean().asScalar();
  }

  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => optimizerConfig,
    trainingStep: (batch) => ({ loss: lossOf(batch) }),
    validationStep: (batch) => ({ "val/loss": lossOf(batch) }),
  };
}
